import { Module, type DynamicModule } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { assetsController, WebModule } from 'nest-gatehouse/web';
import { CONFIGURATION } from '../config/configuration.token.js';
import type { Configuration } from '../config/settings.js';
import { PagesModule } from '../pages/pages.module.js';
import { ApiDescription } from './api-description.js';
import { DOCS_ASSETS_PATH, DocsAssets } from './docs-assets.js';
import { docsController } from './docs.controller.js';

@Module({})
export class DocsModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: DocsModule,
      imports: [PagesModule, WebModule],
      controllers: [docsController(configuration.DOCS), assetsController(DOCS_ASSETS_PATH, DocsAssets, Public())],
      providers: [{ provide: CONFIGURATION, useValue: configuration }, ApiDescription, DocsAssets],
    };
  }
}
