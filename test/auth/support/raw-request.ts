import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface RawRequest {
  readonly method?: string;
  /** Of this machine: another one is another client network. */
  readonly from?: string;
  readonly headers?: Record<string, string | string[]>;
  /** Of a Unix socket; the URL's address does not count then. */
  readonly socketPath?: string;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly code: unknown;
}

/** A request that `fetch` would not let one make. */
export function rawRequest(
  url: string,
  { method = 'POST', from, headers = {}, socketPath, body }: RawRequest = {},
): Promise<RawAnswer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'object' ? { 'content-type': 'application/json' } : {};
  return new Promise((resolve, reject) => {
    const options = { method, localAddress: from, socketPath, headers: { ...type, ...headers } };
    const sent = httpRequest(url, options, (response) => {
      let received = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      response.on('end', () => {
        const isJson = received.startsWith('{');
        const code = isJson ? (JSON.parse(received) as { code?: unknown }).code : undefined;
        resolve({ status: response.statusCode!, headers: response.headers, text: received, code });
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
