import { Controller, Get, Headers, HttpStatus, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { problemOfStatus } from '../http/problems.js';
import { Assets } from './assets.js';

const FOR_GOOD = 'public, max-age=31536000, immutable';

@Controller('assets')
export class AssetsController {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly assets: Assets,
  ) {}

  @Get(':file')
  get(
    @Param('file') name: string,
    @Query('v') version: unknown,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) response: object,
  ): StreamableFile | undefined {
    const asset = this.assets.find(name);
    if (!asset) throw problemOfStatus(404);
    const adapter = this.host.httpAdapter;
    const etag = `"${asset.version}"`;
    adapter.setHeader(response, 'ETag', etag);
    adapter.setHeader(response, 'Cache-Control', version === asset.version ? FOR_GOOD : 'no-cache');
    if (known?.includes(etag)) {
      adapter.status(response, HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    return new StreamableFile(asset.content, { type: asset.type, length: asset.content.length });
  }
}
