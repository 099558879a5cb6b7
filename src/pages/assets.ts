import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { PAGE_STYLESHEET } from 'nest-gatehouse/auth';
import { packageRoot } from './package-root.js';

export interface Asset {
  readonly content: Buffer;
  readonly type: string;
  readonly version: string;
}

const CSS = 'text/css; charset=utf-8';

const TYPES: Readonly<Record<string, string>> = {
  'home.css': CSS,
  'problem.css': CSS,
  'home.js': 'text/javascript; charset=utf-8',
  'favicon.svg': 'image/svg+xml',
};

/** The few files the pages need, read once at start. */
@Injectable()
export class Assets {
  readonly #files: ReadonlyMap<string, Asset> = new Map(
    Object.entries(TYPES).map(([name, type]) => [
      name,
      toAsset(readFileSync(join(packageRoot, 'src/web/assets', name)), type),
    ]),
  ).set('page.css', toAsset(Buffer.from(PAGE_STYLESHEET), CSS));

  find(name: string): Asset | undefined {
    return this.#files.get(name);
  }

  /** Changes with the content, so that a browser may keep it for good. */
  urlOf(name: string): string {
    return `/assets/${name}?v=${this.#files.get(name)!.version}`;
  }
}

export function toAsset(content: Buffer, type: string): Asset {
  return { content, type, version: createHash('sha256').update(content).digest('base64url').slice(0, 16) };
}
