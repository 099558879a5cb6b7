import type { Server } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';

/** `localhost` has two addresses on most machines, and a port may be free on only one of them. */
export function bindAddress(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host;
}

/** The URL of the server: the host as configured, and the actual port. */
export function serverUrl(host: string, server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
