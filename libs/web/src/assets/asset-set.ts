import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import type { ApplicationConfig } from '@nestjs/core';
import { globalPathOf } from 'nest-gatehouse/common';
import { DESIGN } from '../design/design.js';
import type { AssetFiles } from '../design/asset-files.js';

export interface Asset {
  readonly content: Buffer;
  /** The same by gzip (RFC 1952); null if that is no shorter. */
  readonly compressed: Buffer | null;
  readonly type: string;
  /** Changes with the content. */
  readonly version: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files that the pages of one library load, including the design. Each is read when it is first requested. */
export class AssetSet {
  readonly #files: ReadonlyMap<string, URL | readonly URL[]>;
  readonly #read = new Map<string, Asset>();
  readonly #path: string;
  readonly #application: ApplicationConfig;

  /** @param path where they are served, below the application's global prefix */
  constructor(path: string, files: AssetFiles, application: ApplicationConfig) {
    this.#path = path;
    this.#files = new Map(Object.entries({ ...DESIGN, ...files }));
    this.#application = application;
  }

  find(name: string): Asset | undefined {
    const files = this.#files.get(name);
    if (!files) return undefined;
    const asset = this.#read.get(name) ?? readAsset(name, [files].flat());
    this.#read.set(name, asset);
    return asset;
  }

  /**
   * The URL changes with the content, so that a browser may cache it for ever. @throws TypeError if there is no such
   * file
   */
  urlOf(name: string): string {
    const asset = this.find(name);
    if (!asset) throw new TypeError(`There is no file '${name}' at '${this.#path}'.`);
    return `${this.address}/${name}?v=${asset.version}`;
  }

  /** Where they are served, with the application's global prefix; a file has a version of its own. */
  get address(): string {
    const path = globalPathOf(this.#application, `/${this.#path}/:file`, { isNeutral: true });
    return path.slice(0, -'/:file'.length);
  }
}

function readAsset(name: string, files: readonly URL[]): Asset {
  const type = TYPES[extname(name)];
  if (type === undefined) throw new TypeError(`'${name}' is no stylesheet, script or SVG image.`);
  const content = Buffer.concat(files.map((file) => readFileSync(file)));
  const gzip = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  const compressed = gzip.length < content.length ? gzip : null;
  const version = createHash('sha256').update(content).digest('base64url').slice(0, 16);
  return { content, compressed, type, version };
}
