import { Controller, Get, Headers, HttpStatus, NotFoundException, Param, Query, Res } from '@nestjs/common';
import { SkipSession } from 'nest-gatehouse/session';
import { Public } from '../access/access.decorators.js';
import { HttpAnswers } from '../http/http-answers.js';
import { PageAssets } from './page-assets.js';

const FOR_GOOD = 'public, max-age=31536000, immutable';

/** What the pages load. The same for everybody. */
@Controller('auth/assets')
export class PageAssetsController {
  constructor(
    private readonly assets: PageAssets,
    private readonly answers: HttpAnswers,
  ) {}

  @Get(':file')
  @Public()
  @SkipSession()
  get(
    @Param('file') name: string,
    @Query('v') version: unknown,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) response: object,
  ): string | undefined {
    const asset = this.assets.find(name);
    if (!asset) throw new NotFoundException();
    const etag = `"${asset.version}"`;
    this.answers.header(response, 'ETag', etag);
    this.answers.header(response, 'Cache-Control', version === asset.version ? FOR_GOOD : 'no-cache');
    this.answers.header(response, 'X-Content-Type-Options', 'nosniff');
    if (known?.includes(etag)) {
      this.answers.status(response, HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    this.answers.header(response, 'Content-Type', asset.type);
    return asset.content;
  }
}
