import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { packageRoot } from '../pages/package-root.js';
import { toAsset, type Asset } from '../pages/assets.js';

const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const ours = join(packageRoot, 'src/web/assets');

const FILES: Readonly<Record<string, readonly [directory: string, type: string]>> = {
  'swagger-ui.css': [swaggerUi, 'text/css; charset=utf-8'],
  'swagger-ui-bundle.js': [swaggerUi, 'text/javascript; charset=utf-8'],
  'docs.css': [ours, 'text/css; charset=utf-8'],
  'docs.js': [ours, 'text/javascript; charset=utf-8'],
};

/** Swagger UI, read when somebody first asks for it. */
@Injectable()
export class DocsAssets {
  readonly #read = new Map<string, Asset>();

  find(name: string): Asset | undefined {
    const known = this.#read.get(name);
    const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (known || !file) return known;
    const [directory, type] = file;
    const asset = toAsset(readFileSync(join(directory, name)), type);
    this.#read.set(name, asset);
    return asset;
  }

  urlOf(name: string): string {
    return `/docs/assets/${name}?v=${this.find(name)!.version}`;
  }
}
