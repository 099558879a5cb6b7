import type { Server } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';

/** `localhost` has two addresses on most machines, and a port can be free on one alone. */
export function bindAddress(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host;
}

/** How to reach the server: the host as it was given, and the port as it came out. */
export function serverUrl(host: string, server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
