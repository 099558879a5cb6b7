import { Controller, Get, Header, Inject, Res, UseGuards } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { OptionalAuth } from 'nest-gatehouse/auth';
import { MetricsGuard } from './metrics.guard.js';
import { Metrics } from './metrics.js';

/** What Prometheus reads, at the root of the server. */
@Controller('metrics')
@OptionalAuth()
@UseGuards(MetricsGuard)
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  async read(@Res({ passthrough: true }) response: object): Promise<string> {
    this.host.httpAdapter.setHeader(response, 'Content-Type', this.metrics.contentType);
    return this.metrics.text();
  }
}
