import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** The part of an Express, Fastify or plain Node request that is read. */
interface ViewedRequest {
  readonly headers?: IncomingHttpHeaders;
  readonly socket?: Socket;
  /** Fastify's. */
  readonly raw?: ViewedRequest;
}

/**
 * The address that stands for a peer on a Unix socket, which is on this machine. Both platforms trust addresses only,
 * so they would trust no peer without one.
 */
export const THIS_MACHINE = '127.0.0.1';
const FORWARDED_HOST = 'forwarded.invalid';

/**
 * A view of the request, to read `ip`, `protocol` and `host` by the platform's own rules. A peer on a Unix socket
 * appears as 127.0.0.1, so that trust in `loopback` applies to it. The application's request is not changed.
 */
export function platformView<T extends object>(request: T): T {
  const socket = socketOf(request);
  if (socket === undefined || !isUnixSocket(socket)) return request;
  return viewWith(request, 'socket', {
    remoteAddress: THIS_MACHINE,
    encrypted: (socket as { encrypted?: boolean }).encrypted,
  });
}

/** The same view with another list of forwarded addresses. */
export function withForwardedFor<T extends object>(request: T, addresses: string): T {
  const { headers } = request as ViewedRequest;
  return viewWith(request, 'headers', { ...headers, 'x-forwarded-for': addresses });
}

/** Whether the platform believes the forwarded headers of the peer that has connected to us. */
export function platformTrustsPeer(request: object): boolean {
  const headers = { host: 'direct.invalid', 'x-forwarded-host': FORWARDED_HOST };
  const view: { readonly host?: unknown } = viewWith(platformView(request), 'headers', headers);
  return view.host === FORWARDED_HOST;
}

export function socketOf(request: object): Socket | undefined {
  const { raw, socket } = request as ViewedRequest;
  return (raw?.socket ?? socket) || undefined;
}

/**
 * Checks the server's address too: a TCP peer that has disconnected has no address either, and must not pass for a
 * local one.
 */
export function isUnixSocket(socket: Socket): boolean {
  if (socket.remoteAddress !== undefined || socket.localAddress !== undefined || socket.destroyed) return false;
  const { server } = socket as { server?: { address?(): unknown } };
  const address = server?.address?.();
  return typeof address === 'string' || address === null;
}

function viewWith<T extends object>(request: T, name: string, value: unknown): T {
  const { raw } = request as ViewedRequest;
  if (raw === undefined) return Object.create(request, { [name]: { value } }) as T;
  const viewOfRaw: unknown = Object.create(raw, { [name]: { value } });
  return Object.create(request, { raw: { value: viewOfRaw } }) as T;
}
