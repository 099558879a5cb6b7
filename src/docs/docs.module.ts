import { Module, type DynamicModule } from '@nestjs/common';
import { CONFIGURATION } from '../config/configuration.token.js';
import type { Configuration } from '../config/settings.js';
import { PagesModule } from '../pages/pages.module.js';
import { ApiDescription } from './api-description.js';
import { DocsAssets } from './docs-assets.js';
import { docsController } from './docs.controller.js';

@Module({})
export class DocsModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: DocsModule,
      imports: [PagesModule],
      controllers: [docsController(configuration.DOCS)],
      providers: [{ provide: CONFIGURATION, useValue: configuration }, ApiDescription, DocsAssets],
    };
  }
}
