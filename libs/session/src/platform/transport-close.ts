import type { Duplex } from 'node:stream';

/** RFC 6455, 7.4.1: "policy violation". Clients do not connect again by themselves after it. */
export const POLICY_VIOLATION = 1008;
export const CLOSE_REASON = 'session_ended';

const CLOSE_FRAME = 0x88;
const PATIENCE = 1_000;

/**
 * Closes a WebSocket whose server is unknown: sends the frame that says why, then ends the connection. A frame goes out
 * as a whole, so this one cannot fall into another.
 */
export function closeTransport(socket: Duplex): void {
  const reason = Buffer.from(CLOSE_REASON);
  const head = Buffer.from([CLOSE_FRAME, reason.length + 2, POLICY_VIOLATION >> 8, POLICY_VIOLATION & 0xff]);
  // The server may write to it once more.
  socket.on('error', () => socket.destroy());
  socket.end(Buffer.concat([head, reason]));
  setTimeout(() => socket.destroy(), PATIENCE).unref();
}
