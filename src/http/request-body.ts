import type { IncomingMessage } from 'node:http';
import { parse as parseForm } from 'node:querystring';
import { ProblemException } from 'nest-gatehouse/common';
import { UNPARSED_BODY } from 'nest-gatehouse/sessman/http';
import { problemOfStatus } from './problems.js';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i;

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** @throws 415 unless `parseBody` can read the body. */
function requireReadableBody(request: IncomingMessage): void {
  const type = mediaType(request);
  const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1];
  const encoding = request.headers['content-encoding'];
  const isReadable =
    (type === JSON_TYPE || type === FORM_TYPE) &&
    (charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)) &&
    (encoding === undefined || encoding.toLowerCase() === 'identity');
  if (!isReadable) throw problemOfStatus(415);
}

/**
 * Gives the same values on both platforms: JSON keeps every key as data, even `__proto__`; a form is flat, and a
 * repeated name becomes an array. An empty body gives undefined.
 */
export function parseBody(request: IncomingMessage, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  return mediaType(request) === JSON_TYPE
    ? parseJson(body)
    : parseForm(body.toString('utf8'), '&', '=', { maxKeys: 0 });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(UTF8.decode(body));
  } catch {
    // The parser's message is dropped, because it quotes the body, which may contain a password.
    throw new ProblemException(400, 'invalid_json', 'The request body is not valid JSON in UTF-8.');
  }
}

/** Whether this request has a body to read. @throws 415 */
export function expectsBody(request: IncomingMessage): boolean {
  if (request.method === 'GET' || request.method === 'HEAD' || !hasBody(request)) return false;
  // The routes of programs read theirs.
  if (mediaType(request) === UNPARSED_BODY) return false;
  requireReadableBody(request);
  return true;
}

/** @throws 413 as soon as it is too large, without waiting for the rest */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      request.off('data', onData).resume();
      reject(problemOfStatus(413));
    };
    request.on('data', onData);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    // The client has disconnected, or sent an invalid body, so this is no fault of the server.
    request.once('error', () => reject(problemOfStatus(400)));
  });
}
