import type { IncomingHttpHeaders } from 'node:http';

const API_KEY = /^Bearer gh_/i;

/** Whether the caller is a program with an API key. The key itself is not checked. */
export function carriesApiKey({ authorization }: IncomingHttpHeaders): boolean {
  return authorization !== undefined && API_KEY.test(authorization);
}
