import { once } from 'node:events';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { BrowserClient } from '../../support/browser/browser-client.js';

export interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly status?: number };
}

export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphqlError[];
}

export interface GraphqlSocket {
  /** The first answer of an operation: its only one, unless it is a subscription. */
  ask(query: string): Promise<GraphqlAnswer>;
  subscribe(query: string): AsyncIterableIterator<GraphqlAnswer>;
  /** Code and reason with which the server has closed the socket. */
  readonly closed: Promise<string>;
  end(): void;
}

/** One socket in the protocol `graphql-transport-ws`. @throws Error that names the status, where the upgrade is refused */
export async function connectGraphql(url: string, headers: Record<string, string>): Promise<GraphqlSocket> {
  let socket!: WebSocket;
  class Socket extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { headers });
      // eslint-disable-next-line @typescript-eslint/no-this-alias -- the client makes it
      socket = this;
    }
  }
  const client: Client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: Socket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
  });
  const closed = once(socket, 'close').then(([code, reason]) => `${String(code)} ${String(reason)}`);
  await new Promise<void>((resolve, reject) => {
    client.on('connected', () => resolve());
    socket.once('unexpected-response', (_request, { statusCode }) => reject(new Error(String(statusCode))));
    socket.once('error', reject);
  });
  const subscribe = (query: string) => client.iterate({ query }) as AsyncIterableIterator<GraphqlAnswer>;
  return {
    subscribe,
    async ask(query) {
      try {
        const { value } = (await subscribe(query).next()) as { value: GraphqlAnswer };
        return value;
      } catch (errors) {
        if (Array.isArray(errors)) return { errors: errors as GraphqlError[] };
        throw errors;
      }
    },
    closed,
    end: () => void client.dispose(),
  };
}

export async function askByHttp(client: BrowserClient, query: string): Promise<GraphqlAnswer> {
  const answer = await client.post('/graphql', { query });
  return answer.json();
}
