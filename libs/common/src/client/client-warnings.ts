import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';

const REMEDY =
  'Until then they are limited by username alone, and no network is remembered. Trust the proxy in front: TRUST_PROXY in the reference server, ' +
  "app.set('trust proxy', …) on Express, new FastifyAdapter({ trustProxy: … }) on Fastify (its addresses; a number of hops trusts nobody there).";

const WARNINGS = {
  proxy: (ip: string) =>
    `Requests come through a proxy at ${ip} that is not trusted, so that its clients cannot be told apart. ${REMEDY}`,
  'unix socket': () => `Requests come over a Unix socket without a client's address from a trusted proxy. ${REMEDY}`,
  unreadable: () =>
    'A trusted proxy forwards something else than an IP address for its client, so that its clients cannot be told apart and are limited by username alone. Let it set X-Forwarded-For itself.',
} as const;

export type ClientWarning = keyof typeof WARNINGS;

const warned = new WeakMap<object, Set<ClientWarning>>();
const listeners = new WeakMap<object, ClientWarningListener>();
const NO_SERVER = {};

/** Called each time, not only the first. */
export type ClientWarningListener = (warning: ClientWarning, message: string) => void;

/** One listener for each server, the last one. */
export function onClientWarning(server: object, listener: ClientWarningListener): void {
  listeners.set(server, listener);
}

/** Logs each warning once for each server, so that requests cannot fill the log. */
export function warnOnce(socket: Socket | undefined, warning: ClientWarning, ip = ''): void {
  const { server = NO_SERVER } = (socket ?? {}) as { server?: object };
  listeners.get(server)?.(warning, WARNINGS[warning](ip));
  const before = warned.get(server) ?? new Set();
  if (before.has(warning)) return;
  warned.set(server, before.add(warning));
  new Logger('Gatehouse').warn(WARNINGS[warning](ip));
}
