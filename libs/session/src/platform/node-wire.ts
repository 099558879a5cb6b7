import { ServerResponse } from 'node:http';

/**
 * What a Node response does below its public methods. These have been the same since Node 10; `isNodeResponse` checks
 * that they still are.
 */
export interface Wire {
  /** The text of the head, once it is built. */
  _header: string | null;
  /** Whether that text was put in front of the first bytes. */
  _headerSent: boolean;
  _contentLength: number | null;
  _hasBody: boolean;
  _trailer: string;
  chunkedEncoding: boolean;
  /** Bytes that wait for the socket, as they do while an earlier response on the same connection is being sent. */
  outputData: { data: string | Uint8Array; encoding: unknown; callback: unknown }[];
  outputSize: number;
  _onPendingData(growth: number): void;
  _send(data: string, encoding: BufferEncoding, callback: (error?: Error) => void): boolean;
  /** Checks the headers and builds the head: from here on headers count as sent. */
  _storeHeader(firstLine: string, headers: unknown): void;
  /** All bytes pass here. */
  _writeRaw(data: string | Uint8Array, encoding: unknown, callback: unknown): boolean;
  /** Sends what waits. */
  _flush(): void;
}

export type WireResponse = ServerResponse & Wire;
export type End = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

const WIRE_METHODS = ['_storeHeader', '_writeRaw', '_flush', '_send', '_onPendingData'] as const;

// Looking at them takes long on Express, whose responses inherit from many objects.
const checked = new WeakSet<object>();

/** Whether Node's own HTTP/1 code sends this response: false for HTTP/2, and for the responses of `inject()`. */
export function isNodeResponse(response: object): response is ServerResponse {
  if ((response as { isLightMyRequest?: boolean }).isLightMyRequest) return false;
  const prototype = Object.getPrototypeOf(response) as object;
  if (checked.has(prototype)) return true;
  const isWire =
    response instanceof ServerResponse &&
    WIRE_METHODS.every((name) => typeof (response as WireResponse)[name] === 'function');
  if (isWire) checked.add(prototype);
  return isWire;
}
