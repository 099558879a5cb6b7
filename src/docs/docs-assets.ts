import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Injectable } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { AssetSet } from 'nest-gatehouse/web';

const swaggerUi = pathToFileURL(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const file = (name: string) => new URL(name, import.meta.url);

/** The files that the page of the description loads. */
export const DOCS_ASSETS_PATH = 'docs/assets';

/** The files of Swagger UI, and our own on top. */
@Injectable()
export class DocsAssets extends AssetSet {
  constructor(application: ApplicationConfig) {
    const files = {
      'swagger-ui.css': new URL('swagger-ui.css', swaggerUi),
      'swagger-ui-bundle.js': new URL('swagger-ui-bundle.js', swaggerUi),
      'docs.css': file('docs.css'),
      'docs.js': file('docs.js'),
    };
    super(DOCS_ASSETS_PATH, files, application);
  }
}
