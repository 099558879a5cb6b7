import { Controller, Get, Header, Req, type Type } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { basePathOf } from 'nest-gatehouse/common';
import { Public, Roles } from 'nest-gatehouse/auth';
import { Session } from 'nest-gatehouse/session';
import { ServerPages } from '../pages/server-pages.js';
import { navOf } from '../pages/sign-in-view.js';
import { ApiDescription } from './api-description.js';
import { DocsAssets } from './docs-assets.js';

// Swagger UI draws its icons from `data:` addresses.
const POLICY =
  "default-src 'none';object-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'";

/** The description of the routes. */
@Controller()
class DocsController {
  constructor(
    protected readonly pages: ServerPages,
    protected readonly description: ApiDescription,
    protected readonly assets: DocsAssets,
  ) {}

  @Get('docs')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', POLICY)
  show(@Session() session: Session, @Req() request: object): string {
    const base = basePathOf(request);
    return this.pages.render('docs/docs', {
      title: 'Routes',
      base,
      nav: navOf(base, { session }),
      assets: this.assets,
    });
  }

  @Get('docs-json')
  @Header('Cache-Control', 'no-cache')
  async json(@Req() request: object): Promise<OpenAPIObject> {
    const [base, document] = [basePathOf(request), await this.description.document()];
    return base === '' ? document : { ...document, servers: [{ url: base }] };
  }
}

/** Open to everybody, or to administrators only. */
export function docsController(isPublic: boolean): Type<object> {
  @Controller()
  class Docs extends DocsController {}
  (isPublic ? Public() : Roles('admin'))(Docs);
  return Docs;
}
