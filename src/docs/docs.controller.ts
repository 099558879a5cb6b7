import { Controller, Get, Header, Headers, Param, Query, Res, type StreamableFile, type Type } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Public, Roles } from 'nest-gatehouse/auth';
import { Session } from 'nest-gatehouse/session';
import { AssetAnswers } from '../pages/asset-answers.js';
import { Pages } from '../pages/pages.js';
import { viewSignIn } from '../pages/sign-in-view.js';
import { ApiDescription } from './api-description.js';
import { DocsAssets } from './docs-assets.js';

// Swagger UI draws its icons from `data:` addresses.
const POLICY =
  "default-src 'none';object-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'";

/** The description of the routes. */
@Controller()
class DocsController {
  constructor(
    protected readonly pages: Pages,
    protected readonly description: ApiDescription,
    protected readonly assets: DocsAssets,
    protected readonly answers: AssetAnswers,
  ) {}

  @Get('docs')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', POLICY)
  show(@Session() session: Session): string {
    return this.pages.render('docs', {
      docsAsset: (file: string) => this.assets.urlOf(file),
      signIn: viewSignIn(session),
    });
  }

  @Get('docs-json')
  @Header('Cache-Control', 'no-cache')
  json(): Promise<OpenAPIObject> {
    return this.description.document();
  }

  @Get('docs/assets/:file')
  @Public()
  file(
    @Param('file') name: string,
    @Query('v') version: unknown,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) response: object,
  ): StreamableFile | undefined {
    return this.answers.send(response, this.assets.find(name), { version, known });
  }
}

/** Open to everybody, or to administrators alone. */
export function docsController(isPublic: boolean): Type<object> {
  @Controller()
  class Docs extends DocsController {}
  (isPublic ? Public() : Roles('admin'))(Docs);
  return Docs;
}
