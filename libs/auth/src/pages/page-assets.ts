import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AUTH_EXTRAS, type AuthModuleExtras } from '../auth.tokens.js';
import { FAVICON } from './favicon.js';
import { PAGE_STYLESHEET } from './styles/page-stylesheet.js';

export interface PageAsset {
  readonly content: string;
  readonly type: string;
  readonly version: string;
}

/** The few files of the pages. They are code, so that they are wherever the code is. */
@Injectable()
export class PageAssets {
  readonly #assets = new Map([
    ['pages.css', asset(PAGE_STYLESHEET, 'text/css; charset=utf-8')],
    ['favicon.svg', asset(FAVICON, 'image/svg+xml')],
  ]);

  constructor(@Inject(AUTH_EXTRAS) private readonly extras: Pick<AuthModuleExtras, 'prefix'>) {}

  find(name: string): PageAsset | undefined {
    return this.#assets.get(name);
  }

  /** Changes with the content, so that a browser may keep it for good. */
  urlOf(name: string): string {
    return `/${this.extras.prefix}/assets/${name}?v=${this.find(name)!.version}`;
  }
}

function asset(content: string, type: string): PageAsset {
  return { content, type, version: createHash('sha256').update(content).digest('base64url').slice(0, 16) };
}
