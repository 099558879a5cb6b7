import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProblemException } from 'nest-gatehouse/common';

/** @returns why the upgrade is refused; null to let it through */
type Admit = (request: IncomingMessage, socket: Duplex) => ProblemException | null;

/**
 * Asks before every upgrade, whoever serves it. `emit` is wrapped, because a listener could not keep the event from the
 * others.
 */
export function watchUpgrades(server: Server, admit: Admit): void {
  const emit = server.emit;
  server.emit = function (this: Server, event: string | symbol, ...args: unknown[]) {
    if (event === 'upgrade') {
      const [request, socket] = args as [IncomingMessage, Duplex];
      const refusal = admit(request, socket);
      if (refusal) {
        answer(socket, refusal);
        return true;
      }
    }
    return Reflect.apply(emit, this, [event, ...args]) as boolean;
  };
}

function answer(socket: Duplex, { problem }: ProblemException): void {
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'Connection: close',
    'Cache-Control: no-store',
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
