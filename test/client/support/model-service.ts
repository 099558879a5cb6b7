import { randomBytes, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** A session manager that the tests can reach by HTTP. */
export interface Service {
  /** Without `/sessman`. */
  readonly url: string;
  readonly auth: string;
  close(): Promise<void>;
}

interface Kept {
  readonly session_id: string;
  readonly user: string;
  data: Record<string, unknown>;
  expires_at: string;
  version: number;
}

interface Answer {
  readonly status: number;
  readonly body?: object;
}

const DAY = 86_400_000;
const MAX_BYTES = 2_000;

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly errors?: readonly object[],
  ) {
    super(code);
  }
}

/** The routes of sessman on one array, for tests of the client: as small as a service with these answers can be. */
export class ModelService implements Service {
  readonly auth = `gh_${randomBytes(6).toString('hex')}_${randomBytes(16).toString('hex')}`;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #replays = new Map<string, { readonly request: string; readonly answer: Answer }>();
  #sessions: Kept[] = [];

  static async start(): Promise<ModelService> {
    const service = new ModelService();
    await new Promise<void>((listening) => service.#server.listen(0, '127.0.0.1', listening));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((closed) => this.#server.close(() => closed()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = this.#answer(request, await text(request));
    response.setHeader('x-request-id', randomUUID());
    // As the service has it for pages of other origins.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'authorization, content-type, idempotency-key, if-match');
    response.setHeader('access-control-expose-headers', 'ETag, Retry-After, X-Request-Id');
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    if (body) response.setHeader('content-type', type);
    response.writeHead(status).end(body && JSON.stringify(body));
  }

  #answer(request: IncomingMessage, body: string): Answer {
    if (request.method === 'OPTIONS') return { status: 204 };
    try {
      return this.#once(request, body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, errors } = error;
      const detail = `Refused: ${code}.`;
      return { status, body: { type: 'about:blank', title: code, status, detail, code, errors } };
    }
  }

  #once(request: IncomingMessage, body: string): Answer {
    const { authorization } = request.headers;
    if (authorization === undefined) throw new Refusal(401, 'api_key_required');
    if (authorization !== `Bearer ${this.auth}`) throw new Refusal(401, 'api_key_invalid');
    const key = request.headers['idempotency-key'] as string | undefined;
    const asked = `${request.method} ${request.url} ${body}`;
    const before = key === undefined ? undefined : this.#replays.get(key);
    if (before && before.request !== asked) throw new Refusal(422, 'idempotency_key_reused');
    const answer = before?.answer ?? this.#run(request, body);
    if (key !== undefined) this.#replays.set(key, { request: asked, answer });
    return answer;
  }

  #run(request: IncomingMessage, body: string): Answer {
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const sent = (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>;
    const user = searchParams.get('userid') ?? undefined;
    const id = searchParams.get('sessionid') ?? undefined;
    switch (pathname.replace('/sessman/', '')) {
      case 'new':
        return this.#create(user, sent);
      case 'list':
        return this.#list(user, searchParams);
      case 'get':
        return show(this.#find(id, user));
      case 'touch':
        return show(Object.assign(this.#find(id), { expires_at: inMilliseconds(DAY) }));
      case 'update': {
        const kept = this.#find(id);
        const expected = request.headers['if-match'];
        if (expected !== undefined && expected !== `"${kept.version}"`) throw new Refusal(412, 'version_mismatch');
        return this.#change(kept, sent['data'] as Kept['data']);
      }
      case 'patch':
        return this.#patch(this.#find(id), sent);
      case 'delete': {
        const kept = this.#find(id);
        this.#sessions = this.#sessions.filter((other) => other !== kept);
        return { status: 204 };
      }
      default:
        throw new Refusal(404, 'not_found');
    }
  }

  #create(user: string | undefined, { data = {}, ttl = DAY / 1_000 }: { data?: object; ttl?: number }): Answer {
    if (!user) throw new Refusal(400, 'user_missing', [{ field: 'userid', message: 'must not be empty' }]);
    const expires_at = inMilliseconds(ttl * 1_000);
    const kept: Kept = { session_id: randomUUID(), user, data: { ...data }, expires_at, version: 1 };
    checkSize(kept.data);
    this.#sessions.push(kept);
    return show(kept, 201);
  }

  #list(user: string | undefined, query: URLSearchParams): Answer {
    const begin = Number(query.get('cursor') ?? 0);
    const all = this.#sessions.filter((kept) => kept.user === user);
    const next = begin + 2 < all.length ? String(begin + 2) : null;
    return { status: 200, body: { items: structuredClone(all.slice(begin, begin + 2)), next } };
  }

  #patch(kept: Kept, { set = {}, unset = [], increment = {} }: Record<string, unknown>): Answer {
    const data = { ...kept.data, ...(set as object) };
    for (const name of unset as string[]) delete data[name];
    for (const [name, by] of Object.entries(increment as Record<string, number>)) {
      const value = data[name] ?? 0;
      if (typeof value !== 'number') throw new Refusal(400, 'not_a_number', [{ field: name, message: 'is no number' }]);
      data[name] = value + by;
    }
    return this.#change(kept, data);
  }

  #change(kept: Kept, data: Kept['data']): Answer {
    checkSize(data);
    return show(Object.assign(kept, { data, version: kept.version + 1, expires_at: inMilliseconds(DAY) }));
  }

  #find(id: string | undefined, user?: string): Kept {
    const kept = this.#sessions.find(({ session_id }) => session_id === id);
    if (!kept || (user !== undefined && kept.user !== user)) throw new Refusal(404, 'session_not_found');
    return kept;
  }
}

function show(kept: Kept, status = 200): Answer {
  return { status, body: structuredClone(kept) };
}

function checkSize(data: object): void {
  if (JSON.stringify(data).length > MAX_BYTES) throw new Refusal(413, 'session_too_large');
}

function inMilliseconds(milliseconds: number): string {
  return new Date(Date.now() + milliseconds).toISOString();
}
