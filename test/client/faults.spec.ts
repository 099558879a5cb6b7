import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inspect } from 'node:util';
import {
  BadAnswerError,
  DeadlineError,
  NetworkError,
  RateLimitedError,
  Session,
  SessionNotFoundError,
  SessmanError,
  TooLargeError,
  UnauthorizedError,
  VersionMismatchError,
} from 'nest-gatehouse/client';
import { type Fault, FaultProxy, IN_PROGRESS } from './support/fault-proxy.js';
import { startService, Truth, type Service } from './support/service.js';

interface Values {
  n?: number;
  text?: string;
}

let service: Service;
let truth: Truth;
let proxy: FaultProxy;
let users = 0;

beforeAll(async () => {
  service = await startService();
  truth = new Truth(service);
  proxy = await FaultProxy.before(service);
});

afterAll(async () => {
  await proxy.close();
  await service.close();
});

// No back-off: the random part of its window is all of it.
beforeEach(() => void jest.spyOn(Math, 'random').mockReturnValue(0));
afterEach(() => {
  expect(proxy.script).toEqual([]);
  proxy.seen.length = 0;
});

const options = () => ({ base_url: proxy.url, auth: service.auth, timeout: 10_000 });
const newUser = () => `user ${++users}`;
const create = (more: object = {}) => Session.create<Values>(newUser(), { ...options(), data: { n: 0 }, ...more });
const caught = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as SessmanError,
  );
const keys = () => new Set(proxy.seen.map(({ headers }) => headers['idempotency-key']));
const later = (status: number): Fault => ({ status, headers: { 'retry-after': '0' } });

/** After each of these the client tries again. */
const RETRIED: [string, Fault][] = [
  ['a connection that is cut before the service acts', 'cutBefore'],
  ['a connection that is cut after it has acted', 'cutAfter'],
  ['half an answer', 'halfAfter'],
  ['429', 429],
  ['502 with a page', 502],
  ['503', later(503)],
  ['504', 504],
];

describe.each(RETRIED)('After %s', (_name, fault) => {
  it('a session is made once, with one key', async () => {
    proxy.script = [fault, fault];
    const user = newUser();
    const session = await Session.create<Values>(user, { ...options(), data: { n: 1 } });
    expect(await truth.sessions(user)).toMatchObject([{ session_id: session.session_id, data: { n: 1 } }]);
    expect(proxy.seen).toHaveLength(3);
    expect(keys().size).toBe(1);
    expect([...keys()][0]).toMatch(/^[\da-f]{32}$/);
    expect(new Set(proxy.seen.map(({ body, path }) => body + path)).size).toBe(1);
  });

  it('a number is incremented once, and each call has a key of its own', async () => {
    const session = await create();
    proxy.seen.length = 0;
    proxy.script = [fault, 'none', fault, fault];
    expect(await session.increment('n', 5)).toBe(5);
    expect(await session.increment('n', 5)).toBe(10);
    expect((await truth.session(session.session_id))!.data).toEqual({ n: 10 });
    expect(keys().size).toBe(2);
  });

  it('reading, touching, updating and listing go on', async () => {
    const session = await create();
    proxy.script = [fault];
    await session.refresh();
    proxy.script = [fault];
    await session.touch();
    session.data.text = 'kept';
    proxy.script = [fault];
    await session.updateSession();
    expect((await truth.session(session.session_id))!.data).toEqual({ n: 0, text: 'kept' });
    proxy.script = [fault];
    for await (const { session_id } of Session.list(session.user, options()))
      expect(session_id).toBe(session.session_id);
  });

  it('a session is ended, though it may have been by an answer that was lost', async () => {
    const session = await create();
    proxy.script = [fault];
    await session.end();
    expect(await truth.session(session.session_id)).toBeUndefined();
  });

  it('an update with ifMatch succeeds, and its own earlier attempt is no mismatch', async () => {
    const session = await create({ ifMatch: true });
    session.data.text = 'mine';
    proxy.script = [fault];
    await session.updateSession();
    expect(session.version).toBe(2);
    expect(await truth.session(session.session_id)).toMatchObject({ data: { n: 0, text: 'mine' }, version: 2 });
  });
});

describe('After an answer that does not come in time', () => {
  it.each(['silentBefore', 'silentAfter'] as const)('it tries again: %s', async (fault) => {
    const session = await create();
    const brief = await Session.open<Values>(session.user, session.session_id, { ...options(), timeout: 100 });
    proxy.script = [fault];
    expect(await brief.increment('n')).toBe(1);
    expect((await truth.session(session.session_id))!.data).toEqual({ n: 1 });
  });

  it('the error says that nobody knows', async () => {
    proxy.script = ['silentBefore', 'silentAfter'];
    const error = await caught(create({ timeout: 50, retries: 1 }));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ code: 'attempt_timeout', status: undefined });
    proxy.script = ['silentBefore'];
    expect(await caught(create({ deadline: 50 }))).toBeInstanceOf(DeadlineError);
  });
});

describe('While the first call with a key still runs', () => {
  it('waits for it', async () => {
    const session = await create();
    proxy.script = ['cutAfter', IN_PROGRESS, IN_PROGRESS];
    expect(await session.increment('n')).toBe(1);
    expect((await truth.session(session.session_id))!.data).toEqual({ n: 1 });
  });

  it('no other 409 is tried again', async () => {
    const session = await create();
    proxy.script = [{ status: 409, body: { code: 'conflict', detail: 'Changed meanwhile.' } }];
    expect(await caught(session.increment('n'))).toMatchObject({ code: 'conflict', status: 409 });
  });
});

describe('A session that has ended before the call', () => {
  it('is not found by the first attempt to end it', async () => {
    const session = await create();
    await truth.end(session.session_id);
    expect(await caught(session.end())).toBeInstanceOf(SessionNotFoundError);
  });

  it('is not found after an attempt that was refused for being one too many', async () => {
    const session = await create();
    await truth.end(session.session_id);
    proxy.script = [later(429)];
    expect(await caught(session.end())).toBeInstanceOf(SessionNotFoundError);
  });
});

describe('An update with ifMatch whose answer was lost', () => {
  it.each([
    ['cutBefore', 'theirs'],
    ['cutAfter', 'theirs'],
    ['cutAfter', 'mine'],
  ] as const)('is refused if somebody else writes before the next attempt: %s, %s', async (fault, text) => {
    const { user, session_id } = await create();
    const othersWrite: typeof fetch = async (...request) => {
      try {
        return await fetch(...request);
      } catch (error) {
        await truth.change(session_id, { n: 0, text });
        throw error;
      }
    };
    const session = await Session.open<Values>(user, session_id, { ...options(), ifMatch: true, fetch: othersWrite });
    session.data.text = 'mine';
    proxy.script = [fault];
    expect(await caught(session.updateSession())).toBeInstanceOf(VersionMismatchError);
    expect((await truth.session(session_id))!.data).toEqual({ n: 0, text });
  });
});

describe('Answers of another shape', () => {
  it.each([
    ['a page with 200', 'pageAfter'],
    ['JSON that breaks off', 'brokenAfter'],
    ['JSON of something else', { status: 200, body: { hello: 'world' } }],
    ['a list in place of a session', { status: 200, body: [] }],
    [
      'a session without a version',
      { status: 200, body: { session_id: 'x', user: 'y', data: {}, expires_at: '2026-01-01' } },
    ],
    ['a page with 404', { status: 404 }],
  ] as [string, Fault][])('are an error: %s', async (_name, fault) => {
    const session = await create();
    proxy.script = [fault];
    const error = await caught(session.refresh());
    expect(error).toBeInstanceOf(BadAnswerError);
    expect(error).toMatchObject({ code: 'bad_answer' });
    expect(inspect(error)).not.toMatch(/gateway|world/);
    expect(session).toMatchObject({ data: { n: 0 }, version: 1 });
  });

  it('are no list either', async () => {
    for (const body of [
      { items: {}, next: null },
      { items: [{}], next: null },
      { items: [] },
      { items: [], next: '' },
    ]) {
      proxy.script = [{ status: 200, body }];
      expect(await caught(Session.list('ada', options()).next())).toBeInstanceOf(BadAnswerError);
    }
  });

  it.each([
    [401, UnauthorizedError],
    [403, UnauthorizedError],
    [413, TooLargeError],
    [500, BadAnswerError],
  ])('with %i, a page has the class of the status', async (status, type) => {
    const session = await create();
    proxy.script = [{ status }];
    const error = await caught(session.refresh());
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ status, code: 'bad_answer' });
  });
});

describe('An error', () => {
  it('is the last of the retries, and says how long to wait', async () => {
    const session = await create();
    proxy.seen.length = 0;
    const body = { code: 'rate_limited', detail: 'Too many.' };
    proxy.script = [later(429), later(429), { status: 429, headers: { 'retry-after': '0' }, body }];
    const limited = { ...options(), retries: 2 };
    const error = await caught(Session.open(session.user, session.session_id, limited));
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryAfter: 0 });
    expect(proxy.seen).toHaveLength(3);
  });

  it('holds no key, whatever has failed', async () => {
    const echo = {
      code: 'odd',
      detail: `You sent Bearer ${service.auth}`,
      errors: [{ field: 'x', message: service.auth }],
    };
    for (const fault of ['cutBefore', { status: 400, body: echo }, { status: 400 }] as Fault[]) {
      proxy.script = [fault];
      const error = await caught(Session.create('ada', { ...options(), retries: 0 }));
      expect(error).toBeInstanceOf(SessmanError);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(service.auth);
      expect(error!.stack).not.toContain(service.auth);
    }
    const closed = await FaultProxy.before(service);
    const nobody = { ...options(), base_url: closed.url, retries: 0 };
    await closed.close();
    const error = await caught(Session.create('ada', nobody));
    expect(String(error)).toBe('NetworkError: No answer: ECONNREFUSED (network_error)');
  });

  it('is printed nowhere by the client itself', async () => {
    const lines = (['log', 'error', 'warn', 'info', 'debug'] as const).map((name) => jest.spyOn(console, name));
    proxy.script = ['pageAfter'];
    await caught(create());
    for (const line of lines) expect(line).not.toHaveBeenCalled();
  });
});

describe('A signal', () => {
  it.each(['of the call', 'of the session'])('ends an attempt at once: %s', async (whose) => {
    const controller = new AbortController();
    const session = await create({ signal: whose === 'of the session' ? controller.signal : undefined });
    proxy.script = ['silentBefore'];
    const silence = proxy.silence();
    const call = caught(session.refresh({ signal: whose === 'of the call' ? controller.signal : undefined }));
    await silence;
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await call).toBe(reason);
  });

  it('ends the waiting for another attempt', async () => {
    const session = await create();
    const controller = new AbortController();
    const waits: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      setImmediate(() => controller.abort());
      return response;
    };
    const impatient = await Session.open<Values>(session.user, session.session_id, options());
    proxy.script = [{ status: 503, headers: { 'retry-after': '20' } }];
    const call = Session.open(impatient.user, impatient.session_id, {
      ...options(),
      fetch: waits,
      signal: controller.signal,
    });
    expect(await caught(call)).toMatchObject({ name: 'AbortError' });
  });

  it('that has aborted before lets no request out', async () => {
    const session = await create();
    proxy.seen.length = 0;
    const signal = AbortSignal.abort();
    const calls = [
      () => session.updateSession({ signal }),
      () => session.patch({}, { signal }),
      () => session.increment('n', 1, { signal }),
      () => session.refresh({ signal }),
      () => session.touch({ signal }),
      () => session.end({ signal }),
      () => Session.create('ada', options(), { signal }),
      () => Session.open('ada', 'x', options(), { signal }),
      () => Session.list('ada', options(), { signal }).next(),
    ];
    for (const call of calls) expect(await caught(call())).toMatchObject({ name: 'AbortError' });
    expect(proxy.seen).toEqual([]);
  });

  it('ends a request that does not listen to it', async () => {
    const controller = new AbortController();
    const deaf: typeof fetch = () => {
      setImmediate(() => controller.abort());
      return new Promise(() => undefined);
    };
    const call = Session.create('ada', { ...options(), fetch: deaf }, { signal: controller.signal });
    expect(await caught(call)).toMatchObject({ name: 'AbortError' });
  });
});

describe('What is sent', () => {
  it('is the key as a bearer token, and no key in an address', async () => {
    const session = await create();
    await session.increment('n');
    await session.end();
    for (const { headers, path, method } of proxy.seen) {
      expect(headers.authorization).toBe(`Bearer ${service.auth}`);
      expect(headers.accept).toBe('application/json');
      expect(path).not.toContain(service.auth);
      expect(headers['content-type']).toBe(
        method === 'POST' && !path.includes('delete') ? 'application/json' : undefined,
      );
    }
  });

  it('is what the data was when the call was made, in every attempt', async () => {
    const session = await create();
    const brief = await Session.open<Values>(session.user, session.session_id, { ...options(), timeout: 50 });
    brief.data.text = 'first';
    proxy.script = ['silentAfter'];
    const silence = proxy.silence();
    const update = brief.updateSession();
    await silence;
    brief.data.text = 'second';
    await update;
    expect((await truth.session(session.session_id))!.data).toEqual({ n: 0, text: 'first' });
  });
});
