import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import {
  Session,
  SessionNotFoundError,
  SessmanError,
  TooLargeError,
  UnauthorizedError,
  VersionMismatchError,
} from 'nest-gatehouse/client';
import { startService, Truth, type Service } from './support/service.js';

interface Cart {
  items: string[];
  visits?: number;
  note?: string;
}

let service: Service;
let truth: Truth;
let users = 0;

/** What the service gives where no limit is asked for. */
const PAGE = 50;

beforeAll(async () => {
  service = await startService();
  truth = new Truth(service);
});

afterAll(() => service.close());

const options = () => ({ base_url: service.url, auth: service.auth });
const newUser = () => `user & ${++users}`;
const create = (data: Cart = { items: ['apple'] }, more: object = {}) =>
  Session.create<Cart>(newUser(), { ...options(), data, ...more });

describe('Session.create', () => {
  it('makes a session with data, and knows what the service says of it', async () => {
    const user = newUser();
    const session = await Session.create<Cart>(user, { ...options(), data: { items: ['apple'] } });
    expect(session).toMatchObject({ user, data: { items: ['apple'] }, version: 1 });
    expect(session.expiresAt.getTime()).toBeGreaterThan(Date.now());
    expect(await truth.sessions(user)).toMatchObject([{ session_id: session.session_id, data: { items: ['apple'] } }]);
  });

  it('makes one without data', async () => {
    const session = await Session.create(newUser(), options());
    expect(session.data).toEqual({});
  });

  it('sends the time to live in seconds', async () => {
    const session = await create({ items: [] }, { ttl: 60 });
    expect(session.expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it('takes the address with /sessman as well as without', async () => {
    for (const end of ['', '/', '/sessman', '/sessman/']) {
      const base_url = service.url + end;
      expect((await Session.create(newUser(), { ...options(), base_url })).version).toBe(1);
    }
  });

  it('names the fields that the service refuses', async () => {
    const refused = await Session.create('', options()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SessmanError);
    expect(refused).toMatchObject({ code: 'userid_invalid', status: 400, errors: [{ field: 'userid' }] });
    expect((refused as SessmanError).requestId).toMatch(/^[\da-f-]{36}$/);
    expect(String(refused)).toMatch(/^SessmanError: .*\(userid_invalid\)$/);
  });

  it.each([
    ['base_url', { base_url: 'nowhere' }],
    ['base_url', { base_url: '' }],
    ['base_url', { base_url: 'ftp://example.com' }],
    ['base_url', { base_url: 'http://ada:hunter2@example.com' }],
    ['auth', { auth: 'gh_hunter2\n' }],
    ['auth', { auth: '' }],
    ['timeout', { timeout: -1 }],
    ['deadline', { deadline: Number.NaN }],
    ['retries', { retries: -1 }],
  ])('refuses an impossible %s, and repeats it nowhere', async (name, wrong) => {
    const refused = await Session.create(newUser(), { ...options(), ...wrong }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TypeError);
    expect(String(refused)).toContain(name);
    expect(inspect(refused)).not.toContain('hunter2');
  });
});

describe('A session', () => {
  it('is replaced by updateSession, and not before', async () => {
    const session = await create();
    session.data.items.push('pear');
    session.data.note = 'soon';
    expect((await truth.session(session.session_id))!.data).toEqual({ items: ['apple'] });
    await session.updateSession();
    expect((await truth.session(session.session_id))!.data).toEqual({ items: ['apple', 'pear'], note: 'soon' });
    expect(session.version).toBe(2);
  });

  it('keeps what is changed while an update is under way', async () => {
    const session = await create();
    session.data.note = 'first';
    const update = session.updateSession();
    session.data.note = 'second';
    await update;
    expect(session.data.note).toBe('second');
    expect((await truth.session(session.session_id))!.data).toMatchObject({ note: 'first' });
  });

  it('is patched by key, and read with what others have changed', async () => {
    const session = await create({ items: ['apple'], note: 'x' });
    await truth.change(session.session_id, { items: ['plum'], note: 'x', visits: 1 });
    await session.patch({ set: { note: 'y' }, unset: ['items'], increment: { visits: 2 } });
    expect(session.data).toEqual({ note: 'y', visits: 3 });
    expect(session.version).toBe(3);
    expect((await truth.session(session.session_id))!.data).toEqual({ note: 'y', visits: 3 });
  });

  it('counts exactly, however many count at a time', async () => {
    const session = await create();
    expect(await session.increment('visits')).toBe(1);
    const other = await Session.open<Cart>(session.user, session.session_id, options());
    const sums = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? session : other).increment('visits', 2)),
    );
    expect(new Set(sums).size).toBe(10);
    expect(Math.max(...sums)).toBe(21);
    expect(session.data.visits).toBeGreaterThanOrEqual(19);
    await expect(session.increment('visits', Number.NaN)).rejects.toThrow(TypeError);
    await expect(session.increment('items')).rejects.toMatchObject({ code: 'increment_invalid', status: 400 });
  });

  it('is never put back to an older state by an answer that arrives late', async () => {
    const session = await create();
    const held: (() => void)[] = [];
    const slow: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      await new Promise<void>((resolve) => held.push(resolve));
      return response;
    };
    const slowly = await Promise.all([
      Session.open<Cart>(session.user, session.session_id, { ...options(), fetch: slow }),
      release(held),
    ]).then(([opened]) => opened);
    const first = slowly.increment('visits');
    await arrivals(held, 1);
    const second = slowly.increment('visits');
    await arrivals(held, 2);
    held[1]!();
    expect(await second).toBe(2);
    held[0]!();
    expect(await first).toBe(1);
    expect(slowly).toMatchObject({ data: { visits: 2 }, version: 3 });
  });

  it('is read again, touched and ended', async () => {
    const session = await create({ items: [] }, { ttl: 60 });
    await truth.change(session.session_id, { items: ['fig'] });
    session.data.note = 'dropped';
    await session.refresh();
    expect(session).toMatchObject({ data: { items: ['fig'] }, version: 2 });
    session.data.note = 'kept';
    const before = Date.now();
    await session.touch();
    expect(session.data).toEqual({ items: ['fig'], note: 'kept' });
    expect(session.expiresAt.getTime()).toBeGreaterThanOrEqual(before + 60_000);
    await session.end();
    expect(await truth.session(session.session_id)).toBeUndefined();
    for (const call of [() => session.end(), () => session.refresh(), () => session.updateSession()])
      await expect(call()).rejects.toThrow(SessionNotFoundError);
  });

  it('is opened for its user alone', async () => {
    const { user, session_id } = await create();
    const opened = await Session.open<Cart>(user, session_id, options());
    expect(opened).toMatchObject({ user, session_id, data: { items: ['apple'] }, version: 1 });
    const refused = Session.open(newUser(), session_id, options());
    await expect(refused).rejects.toMatchObject({ code: 'session_not_found', status: 404 });
    await expect(refused).rejects.toThrow(SessionNotFoundError);
  });

  it('is not overwritten, with ifMatch, where somebody else has changed it', async () => {
    const session = await create({ items: [] }, { ifMatch: true });
    await truth.change(session.session_id, { items: ['theirs'] });
    session.data.items.push('mine');
    await expect(session.updateSession()).rejects.toThrow(VersionMismatchError);
    expect((await truth.session(session.session_id))!.data).toEqual({ items: ['theirs'] });
    // A touch says nothing of the data.
    await session.touch();
    await expect(session.updateSession()).rejects.toThrow(VersionMismatchError);
    await session.refresh();
    session.data.items.push('mine');
    await session.updateSession();
    session.data.items.push('again');
    await session.updateSession();
    expect((await truth.session(session.session_id))!.data).toEqual({ items: ['theirs', 'mine', 'again'] });
  });

  it('says which refusal it was by the class of its error', async () => {
    const session = await create();
    session.data.note = 'x'.repeat(3_000);
    await expect(session.updateSession()).rejects.toThrow(TooLargeError);
    expect((await truth.session(session.session_id))!.data).toEqual({ items: ['apple'] });
    const wrong = 'gh_hunter2_secret';
    const refused = await Session.create('ada', { ...options(), auth: wrong }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnauthorizedError);
    expect(refused).toMatchObject({ name: 'UnauthorizedError', code: 'api_key_invalid', status: 401 });
    await expect(Session.create('ada', { base_url: service.url })).rejects.toMatchObject({ code: 'api_key_required' });
  });

  it('shows its key to nobody who prints it', async () => {
    const session = await create();
    for (const shown of [inspect(session, { depth: 9, showHidden: true }), JSON.stringify(session)])
      expect(shown).not.toContain(service.auth);
  });
});

describe('Session.list', () => {
  it('goes through all pages, and asks for one when it is needed', async () => {
    const user = newUser();
    const made = [];
    for (let n = 0; n < 52; n++) made.push((await Session.create(user, { ...options(), data: { n } })).session_id);
    let requests = 0;
    const counted: typeof fetch = (...request) => (requests++, fetch(...request));
    const found = [];
    for await (const session of Session.list<{ n: number }>(user, { ...options(), fetch: counted })) {
      expect(requests).toBe(Math.floor(found.length / PAGE) + 1);
      expect(session).toMatchObject({ user, data: { n: made.indexOf(session.session_id) } });
      found.push(session.session_id);
    }
    expect(found.sort()).toEqual(made.sort());
    for await (const first of Session.list(user, options())) {
      await first.end();
      break;
    }
    expect(await truth.sessions(user)).toHaveLength(made.length - 1);
  });

  it('is empty for a user without sessions', async () => {
    expect((await Session.list(newUser(), options()).next()).done).toBe(true);
  });
});

async function arrivals(held: readonly unknown[], count: number): Promise<void> {
  while (held.length < count) await new Promise(setImmediate);
}

async function release(held: (() => void)[]): Promise<void> {
  await arrivals(held, 1);
  held.shift()!();
}
