import type { IncomingHttpHeaders } from 'node:http';
import { clientNetwork, clientOf, normalizeOrigin, platformView } from 'nest-gatehouse/common';
import { describeSession, type Session } from 'nest-gatehouse/session';

/** What this library reads of an Express or Fastify request. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly originalUrl?: string;
  readonly headers: IncomingHttpHeaders;
  /** As the platform sees it, trusted proxies included; so are `protocol` and `host`. */
  readonly ip?: string;
  readonly protocol?: string;
  /** With its port. */
  readonly host?: string;
  readonly body?: unknown;
  readonly query?: unknown;
  readonly session?: Session;
}

/** The client that makes the request. */
export interface Visitor {
  readonly session: Session | undefined;
  readonly ip?: string;
  /** For counting. Null if the client cannot be told from others (see `clientOf`). Default: the network of `ip`. */
  readonly network?: string | null;
  readonly userAgent?: string;
}

/** Where a visitor comes from. */
export type VisitorAddress = Pick<Visitor, 'ip' | 'network'>;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function changesState({ method }: { readonly method: string }): boolean {
  return !SAFE_METHODS.has(method);
}

export function mediaType(headers: IncomingHttpHeaders): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** What HTML forms send, except `text/plain`. */
export function isForm(headers: IncomingHttpHeaders): boolean {
  const type = mediaType(headers);
  return type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data';
}

/** Whether a browser asks for a page to show. */
export function wantsPage({ method, headers }: HttpRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept?.includes('text/html') ?? false);
}

export function pathWithQuery({ originalUrl, url }: HttpRequest): string {
  return originalUrl ?? url;
}

/** Null if the request names no host. */
export function ownOrigin(request: Pick<HttpRequest, 'protocol' | 'host'>): string | null {
  const { protocol, host } = platformView(request);
  return host === undefined || host === '' ? null : normalizeOrigin(`${protocol ?? 'http'}://${host}`);
}

/** A field of the body, if the body is an object and the field its own. */
export function bodyField(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;
}

export function networkOf({ ip, network }: VisitorAddress): string | null {
  return network === undefined ? clientNetwork(ip) : network;
}

export function visitorOf(request: HttpRequest): Visitor {
  const { ip, network } = clientOf(request);
  return { session: request.session, ip: ip ?? undefined, network, userAgent: request.headers['user-agent'] };
}

/** The user of this request's session; null if it is anonymous. @throws 503 if the session's store failed */
export function userIdOf(session: Session | undefined): string | null {
  return describeSession(session)?.userId ?? null;
}
