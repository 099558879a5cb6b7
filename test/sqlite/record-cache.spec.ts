import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { SqliteAnonymousSessions, SqliteDatabase, SqliteSessionIndex, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { newSession } from '../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from './support/temporary-directory.js';

// A record that comes from memory is the very object that was read before.
describe('Sessions kept in memory beside a SQLite file', () => {
  let directory: TemporaryDirectory;
  const opened: SqliteDatabase[] = [];

  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    directory.remove();
  });

  async function open(maxCacheBytes?: number | string) {
    const database = await SqliteDatabase.open({ file: join(directory.path, 'sessions.db'), maxCacheBytes });
    opened.push(database);
    const store = new SqliteSessionStore(database);
    const read = async (handle: string): Promise<SessionRecord | null> => store.read(handle);
    return { database, store, read, index: new SqliteSessionIndex(database) };
  }

  it('are read from the file once, and after a write not again', async () => {
    const { store, read, database } = await open();
    const anonymous = newSession();
    const signedIn = newSession({ userId: 'ada' });
    for (const session of [anonymous, signedIn]) await store.insert(session);
    for (const { handle } of [anonymous, signedIn]) {
      expect(await read(handle)).toBe(await read(handle));
      const { version } = (await read(handle))!;
      await store.update(handle, { data: { set: new Map([['n', '1']]) } });
      const after = await read(handle);
      expect(after).toMatchObject({ version: version + 1, data: '{"n":1}' });
      expect(await read(handle)).toBe(after);
    }
    // As the file has it.
    const fresh = await open(0);
    expect(await fresh.read(signedIn.handle)).toEqual(await read(signedIn.handle));
    expect(database.statement('SELECT count(*) AS n FROM sessions').get()).toEqual({ n: 2 });
  });

  it('are not kept where the option is 0', async () => {
    const { store, read } = await open(0);
    const { handle } = newSession();
    await store.insert(newSession({ handle }));
    const first = await read(handle);
    expect(first).not.toBeNull();
    expect(await read(handle)).not.toBe(first);
    expect(await read(handle)).toEqual(first);
  });

  it('are dropped once another connection has written, and only then', async () => {
    const here = await open();
    const there = await open();
    const [mine, other] = [newSession(), newSession()];
    for (const session of [mine, other]) await here.store.insert(session);
    const before = await here.read(mine.handle);
    await there.read(mine.handle);
    expect(await here.read(mine.handle)).toBe(before);

    await there.store.update(other.handle, { fields: { label: 'there' } });
    const after = await here.read(mine.handle);
    expect(after).not.toBe(before);
    expect(after).toEqual(before);
    expect(await here.read(other.handle)).toMatchObject({ label: 'there' });
    await there.store.delete(mine.handle);
    expect(await here.read(mine.handle)).toBeNull();
  });

  it('follow every way in which a session ends here', async () => {
    const { database, store, read, index } = await open();
    const ends: Record<string, (session: SessionRecord) => unknown> = {
      delete: ({ handle }) => store.delete(handle),
      end: ({ userId }) => index.end({ userId: userId! }, 10),
      'end among': ({ handle }) => index.endAmong([handle], {}),
      'epoch, by one': ({ userId }) => index.raiseUserEpoch(userId!),
      'epoch, to a number': ({ userId }) => index.raiseUserEpoch(userId!, 7),
      'a statement of the application': ({ handle }) =>
        database.write(() => database.statement('DELETE FROM sessions WHERE handle = ?').run(handle)),
    };
    for (const [name, end] of Object.entries(ends)) {
      const session = newSession({ userId: `user ${name}` });
      await store.insert(session);
      expect([name, await read(session.handle)]).toEqual([name, session]);
      await end(session);
      expect([name, await read(session.handle)]).toEqual([name, null]);
      expect(await store.update(session.handle, { fields: { label: 'late' } })).toEqual({ status: 'gone' });
    }
    const anonymous = [newSession(), newSession()];
    for (const session of anonymous) await store.insert(session);
    expect(await read(anonymous[0]!.handle)).not.toBeNull();
    const [evicted] = await new SqliteAnonymousSessions(database).evictOldest({ sessions: 1, bytes: Infinity }, 10);
    expect(await read(evicted!.handle)).toBeNull();
  });

  it('do not open a session that an outdated epoch came with', async () => {
    const { store, read, index } = await open();
    await index.raiseUserEpoch('ada', 3);
    const session = newSession({ userId: 'ada', userEpoch: 2 });
    await store.insert(session);
    expect(await read(session.handle)).toBeNull();
    const anonymous = newSession();
    await store.insert(anonymous);
    await store.update(anonymous.handle, { fields: { userId: 'ada', userEpoch: 2 } });
    expect(await read(anonymous.handle)).toBeNull();
  });

  it('are as before where their transaction was rolled back', async () => {
    const { database, store, read } = await open();
    const { handle } = newSession();
    await store.insert(newSession({ handle }));
    const increment = () => store.update(handle, { data: { increment: new Map([['n', 1]]) } });
    const results = await Promise.allSettled([
      increment(),
      database.write(() => {
        throw new RangeError('mine');
      }),
      increment(),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await read(handle))?.data).toBe('{"n":2}');
  });

  it('show a row that was damaged by a statement, and nothing from memory once damage is known', async () => {
    const { database, store, read } = await open();
    const [damaged, intact] = [newSession(), newSession()];
    for (const session of [damaged, intact]) await store.insert(session);
    const known = await read(intact.handle);
    await read(damaged.handle);
    database.statement('UPDATE sessions SET version = 9 WHERE handle = ?').run(damaged.handle);
    await expect(read(damaged.handle)).rejects.toMatchObject({ failure: 'corrupt' });
    const again = await read(intact.handle);
    expect(again).toEqual(known);
    expect(again).not.toBe(known);
    expect(await read(intact.handle)).not.toBe(again);
  });

  it('take no more room than they may: what was used last stays', async () => {
    const { store, read } = await open('64kb');
    const sessions = Array.from({ length: 200 }, () => newSession());
    const [first, ...others] = sessions;
    for (const session of sessions) await store.insert(session);
    const used = await read(first!.handle);
    const seldom = await read(others[0]!.handle);
    for (const { handle } of others.slice(1)) {
      await read(handle);
      expect(await read(first!.handle)).toBe(used);
    }
    expect(await read(others[0]!.handle)).not.toBe(seldom);
  });

  it('refuse a size that is none', async () => {
    await expect(open('much')).rejects.toThrow(/maxCacheBytes/);
  });
});
