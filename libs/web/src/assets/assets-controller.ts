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
 * A controller that serves a set at `path`, which is the set's own. They are the same for everybody, so `decorators` should say that nobody need be signed
 * in, and that no session is wanted.
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
      @Res({ passthrough: true }) response: object,
    ): StreamableFile | undefined {
      return this.answers.send(response, this.assets.find(name), { version, known });
    }
  }
  for (const decorate of decorators) decorate(AssetsController);
  return AssetsController;
}
