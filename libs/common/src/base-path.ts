import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { platformTrustsPeer } from './client/platform-view.js';

/** Unreserved characters only, so that the path means the same in HTML, in every header and in a URL. */
const SHAPE = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+$/;
const MAX_LENGTH = 256;

export const BASE_PATH_HELP =
  "expected a path such as '/shop' or '/a/b': letters, digits and '.', '_', '~', '-' between slashes, none at the end";

/** Where a browser finds the application, if a proxy serves it below a path and strips that path. */
export const basePath = z.string().max(MAX_LENGTH, BASE_PATH_HELP).regex(SHAPE, BASE_PATH_HELP);

const GIVEN = Symbol.for('gatehouse:base-path');

interface BearingRequest {
  readonly headers?: IncomingHttpHeaders;
  /** Fastify's. */
  readonly raw?: object;
  readonly [GIVEN]?: string;
}

/**
 * The path that a proxy in front has stripped from the request's URL, such as `/shop`; empty if there is none. It
 * belongs in front of every path that is sent to the browser. The configured path wins; otherwise it is what a trusted
 * proxy says in `X-Forwarded-Prefix`, by the platform's own trust (`trust proxy` on Express, `trustProxy` on Fastify).
 */
export function basePathOf(request: object): string {
  const { raw, [GIVEN]: given } = request as BearingRequest;
  return given ?? (raw as BearingRequest | undefined)?.[GIVEN] ?? forwardedPrefix(request, platformTrustsPeer);
}

/** @param target a request without its platform, or the prototype of an application's requests */
export function giveBasePath(target: object, path: string): void {
  Object.defineProperty(target, GIVEN, { value: path, configurable: true });
}

/** What `X-Forwarded-Prefix` says if it has the shape of a base path and `trusts` its sender; otherwise empty. */
export function forwardedPrefix<T extends object>(request: T, trusts: (request: T) => boolean): string {
  const said = (request as BearingRequest).headers?.['x-forwarded-prefix'];
  // Node joins repeated headers by commas.
  const first = typeof said === 'string' ? said.split(',', 1)[0]!.trim() : '';
  return basePath.safeParse(first).success && trusts(request) ? first : '';
}

/** A path of ours as the browser sees it; anything else, such as an absolute URL, as it is. */
export function withBasePath(base: string, location: string): string {
  return location.startsWith('/') ? base + location : location;
}
