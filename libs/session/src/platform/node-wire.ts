import { ServerResponse } from 'node:http';

/**
 * What a response of Node's does below its public methods. These have been the same since Node 10; `isNodeResponse` asks whether they still are.
 */
export interface Wire {
  /** The head's text, once it is settled. */
  _header: string | null;
  /** Whether that text has been put in front of the first bytes. */
  _headerSent: boolean;
  _contentLength: number | null;
  _hasBody: boolean;
  _trailer: string;
  chunkedEncoding: boolean;
  /** What waits for the socket, as it does for a response that stands behind another one on its connection. */
  outputData: { data: string | Uint8Array; encoding: unknown; callback: unknown }[];
  outputSize: number;
  _onPendingData(growth: number): void;
  _send(data: string, encoding: BufferEncoding, callback: (error?: Error) => void): boolean;
  /** Checks the headers and settles the head: from here on headers count as sent. */
  _storeHeader(firstLine: string, headers: unknown): void;
  /** The one door for bytes. */
  _writeRaw(data: string | Uint8Array, encoding: unknown, callback: unknown): boolean;
  /** Hands on what waits. */
  _flush(): void;
}

export type WireResponse = ServerResponse & Wire;
export type End = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

const WIRE_METHODS = ['_storeHeader', '_writeRaw', '_flush', '_send', '_onPendingData'] as const;

/** Whether bytes leave this response by Node's own HTTP/1 code: not so for HTTP/2, nor for what `inject()` makes. */
export function isNodeResponse(response: object): response is ServerResponse {
  const wire = response as WireResponse & { isLightMyRequest?: boolean };
  return (
    response instanceof ServerResponse &&
    !wire.isLightMyRequest &&
    WIRE_METHODS.every((name) => typeof wire[name] === 'function')
  );
}
