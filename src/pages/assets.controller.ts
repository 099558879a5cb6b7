import { Controller, Get, Headers, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { AssetAnswers } from './asset-answers.js';
import { Assets } from './assets.js';

@Controller('assets')
@Public()
export class AssetsController {
  constructor(
    private readonly assets: Assets,
    private readonly answers: AssetAnswers,
  ) {}

  @Get(':file')
  get(
    @Param('file') name: string,
    @Query('v') version: unknown,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) response: object,
  ): StreamableFile | undefined {
    return this.answers.send(response, this.assets.find(name), { version, known });
  }
}
