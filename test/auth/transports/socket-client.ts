import { once } from 'node:events';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

/** What a gateway has answered: data, or a refusal. */
export interface SocketAnswer {
  readonly data?: unknown;
  readonly refusal?: { readonly code?: string; readonly status?: unknown; readonly message?: string };
}

export interface SocketClient {
  ask(event: string, data?: unknown): Promise<SocketAnswer>;
  /** Resolves when the server has closed the socket, with what it has said about it. */
  readonly closed: Promise<unknown>;
  end(): void;
}

/** @throws Error that names the status, where the upgrade is refused */
export type ConnectSocket = (url: string, headers: Record<string, string>) => Promise<SocketClient>;

interface Message {
  readonly event: string;
  readonly data: unknown;
}

export const connectWs: ConnectSocket = async (url, headers) => {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  const closed = once(socket, 'close').then(([code, reason]) => `${String(code)} ${String(reason)}`);
  closed.catch(() => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, { statusCode }) => reject(new Error(String(statusCode))));
  });
  socket.on('error', () => undefined);
  return {
    async ask(event, data) {
      socket.send(JSON.stringify({ event, data }));
      const [text] = (await Promise.race([once(socket, 'message'), closed.then(() => ['{"event":"exception"}'])])) as [
        unknown,
      ];
      return toAnswer(JSON.parse(String(text)) as Message);
    },
    closed,
    end: () => socket.terminate(),
  };
};

function connectIo(transports: string[]): ConnectSocket {
  return async (url, headers) => {
    const socket = io(url, { transports, extraHeaders: headers, forceNew: true, reconnection: false });
    const closed = new Promise<unknown>((resolve) => socket.once('disconnect', resolve));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (error: Error & { data?: { code?: string }; context?: { statusCode?: number } }) =>
        reject(new Error(error.data?.code ?? error.message)),
      );
    });
    return {
      ask: (event, data) =>
        new Promise((resolve) => {
          socket.once(event, (answer: unknown) => resolve({ data: answer }));
          socket.once('exception', (refusal: object) => resolve({ refusal }));
          socket.emit(event, data);
        }),
      closed,
      end: () => void socket.disconnect(),
    };
  };
}

export const connectSocketIo = connectIo(['websocket']);
export const connectPolling = connectIo(['polling']);

function toAnswer({ event, data }: Message): SocketAnswer {
  return event === 'exception' ? { refusal: data ?? {} } : { data };
}
