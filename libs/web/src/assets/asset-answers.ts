import { HttpStatus, Injectable, NotFoundException, StreamableFile } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Asset } from './asset-set.js';

const FOR_GOOD = 'public, max-age=31536000, immutable';

/** What the browser sends when it requests a file. */
export interface AssetRequest {
  /** The `v` of the URL. */
  readonly version: unknown;
  /** The `If-None-Match` header. */
  readonly known: string | undefined;
}

/** Answers with a file that a browser may keep, the same on both platforms. */
@Injectable()
export class AssetAnswers {
  constructor(private readonly host: HttpAdapterHost) {}

  /** @throws 404 if there is no such file */
  send(response: object, asset: Asset | undefined, { version, known }: AssetRequest): StreamableFile | undefined {
    if (!asset) throw new NotFoundException();
    const adapter = this.host.httpAdapter;
    const etag = `"${asset.version}"`;
    adapter.setHeader(response, 'ETag', etag);
    adapter.setHeader(response, 'Cache-Control', version === asset.version ? FOR_GOOD : 'no-cache');
    adapter.setHeader(response, 'X-Content-Type-Options', 'nosniff');
    if (known?.includes(etag)) {
      adapter.status(response, HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    return new StreamableFile(asset.content, { type: asset.type, length: asset.content.length });
  }
}
