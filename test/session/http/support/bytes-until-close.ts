import { connect } from 'node:net';

/** A quiet connection that the server leaves open is one whose answer never ends. */
const QUIET = 3_000;

/** Sends these bytes on a connection of their own. @returns what came back, with a mark of how the connection ended */
export function bytesUntilClose(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const done = (mark: string) => {
      socket.destroy();
      resolve(text + mark);
    };
    socket.setEncoding('latin1').setTimeout(QUIET);
    socket.on('data', (chunk: string) => (text += chunk));
    socket.once('error', () => done('<reset>'));
    socket.once('timeout', () => done('<open>'));
    socket.once('end', () => done(''));
    socket.write(bytes);
  });
}
