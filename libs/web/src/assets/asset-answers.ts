import { HttpStatus, Injectable, NotFoundException, StreamableFile } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import Negotiator from 'negotiator';
import type { Asset } from './asset-set.js';

const FOR_GOOD = 'public, max-age=31536000, immutable';

/** What the browser sends when it requests a file. */
export interface AssetRequest {
  /** The `v` of the URL. */
  readonly version: unknown;
  /** The `If-None-Match` header. */
  readonly known: string | undefined;
  /** The `Accept-Encoding` header. */
  readonly encodings: string | undefined;
}

/** Answers with a file that a browser may keep, the same on both platforms. */
@Injectable()
export class AssetAnswers {
  constructor(private readonly host: HttpAdapterHost) {}

  /** @throws 404 if there is no such file */
  send(
    response: object,
    asset: Asset | undefined,
    { version, known, encodings }: AssetRequest,
  ): StreamableFile | undefined {
    if (!asset) throw new NotFoundException();
    const adapter = this.host.httpAdapter;
    const gzip = acceptsGzip(encodings) ? asset.compressed : null;
    const content = gzip ?? asset.content;
    // Each form of the file has a tag of its own (RFC 9110, 8.8.3.3).
    const etag = `"${asset.version}${gzip ? '-gzip' : ''}"`;
    adapter.appendHeader?.(response, 'Vary', 'Accept-Encoding');
    adapter.setHeader(response, 'ETag', etag);
    adapter.setHeader(response, 'Cache-Control', version === asset.version ? FOR_GOOD : 'no-cache');
    adapter.setHeader(response, 'X-Content-Type-Options', 'nosniff');
    if (known?.includes(etag)) {
      adapter.status(response, HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    if (gzip) adapter.setHeader(response, 'Content-Encoding', 'gzip');
    return new StreamableFile(content, { type: asset.type, length: content.length });
  }
}

/** Whether a client wants it rather than the file as it is (RFC 9110, 12.5.3). */
function acceptsGzip(encodings = ''): boolean {
  const headers = { 'accept-encoding': encodings };
  return new Negotiator({ headers }).encoding(['gzip', 'identity']) === 'gzip';
}
