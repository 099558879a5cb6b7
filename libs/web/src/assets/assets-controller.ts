import {
  Controller,
  Get,
  Headers,
  Inject,
  Param,
  Query,
  Res,
  VERSION_NEUTRAL,
  type StreamableFile,
  type Type,
} from '@nestjs/common';
import { AssetAnswers } from './asset-answers.js';
import { AssetSet } from './asset-set.js';

/**
 * A controller that serves a set at `path`, which must be the set's own. The files are the same for everybody, so pass
 * `decorators` that require neither a sign-in nor a session.
 */
export function assetsController(path: string, set: Type<AssetSet>, ...decorators: ClassDecorator[]): Type<object> {
  @Controller({ path, version: VERSION_NEUTRAL })
  class AssetsController {
    constructor(
      @Inject(set) private readonly assets: AssetSet,
      private readonly answers: AssetAnswers,
    ) {}

    @Get(':file')
    get(
      @Param('file') name: string,
      @Query('v') version: unknown,
      @Headers('if-none-match') known: string | undefined,
      @Headers('accept-encoding') encodings: string | undefined,
      @Res({ passthrough: true }) response: object,
    ): StreamableFile | undefined {
      return this.answers.send(response, this.assets.find(name), { version, known, encodings });
    }
  }
  for (const decorate of decorators) decorate(AssetsController);
  return AssetsController;
}
