import type { IncomingMessage } from 'node:http';
import { parseBody } from 'nest-gatehouse/common';
import type { z } from 'zod';
import { bodyEncoded, bodyTooLarge, fieldInvalid } from '../sessman.problems.js';

/** A request of Express, or that of Fastify with the one of Node in it. */
export type BodyRequest = (IncomingMessage | { readonly raw: IncomingMessage }) & { readonly body?: unknown };

const NO_BODY = {};

/**
 * The fields of a JSON body, whatever its content type says: clients of the original service send `text/javascript`.
 * An empty body has no fields. @param limit in bytes
 * @throws ProblemException 400, 413 `body_too_large`, 415
 */
export async function readBody<T>(request: BodyRequest, schema: z.ZodType<T>, limit: number): Promise<T> {
  return parseBody(schema, request.body ?? (await parseStream(request, limit)));
}

async function parseStream(request: BodyRequest, limit: number): Promise<unknown> {
  const stream = 'raw' in request ? request.raw : request;
  const { 'content-encoding': encoding = 'identity' } = stream.headers;
  if (encoding.toLowerCase() !== 'identity') throw bodyEncoded();
  const text = (await readText(stream, limit)).replace(/^\uFEFF/, '');
  if (text.trim() === '') return NO_BODY;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw fieldInvalid('body', 'expected JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw fieldInvalid('body', 'expected a JSON object');
  }
  return body;
}

/** What is beyond the limit is read and dropped, so that the client gets its answer. */
function readText(stream: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
      else reject(bodyTooLarge(limit));
    });
    stream.once('end', () => {
      try {
        resolve(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
      } catch {
        reject(fieldInvalid('body', 'expected UTF-8'));
      }
    });
    stream.once('error', reject);
    stream.once('close', () => reject(fieldInvalid('body', 'the connection was lost before its end')));
  });
}
