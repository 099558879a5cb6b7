import { Controller, Get, Header } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { HitService } from 'nest-gatehouse/hits';

/** How many requests this server, and all others on its store, have had. */
@Controller('api/hits')
@Public()
export class HitsController {
  constructor(private readonly hits: HitService) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  async total(): Promise<{ total: number }> {
    return { total: await this.hits.total() };
  }
}
