import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { mongo } from 'mongoose';
import type { MongooseDatabase } from 'nest-gatehouse/mongoose';
import type { EndedSession, SessionRecord } from 'nest-gatehouse/session/storage';
import { FakeClock } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { aRecord } from '../support/records/sessions.js';
import { freshDatabaseName, openMongoStorage, type MongoStorage } from './support/mongo-storage.js';

const SESSIONS = 30;

describeWithMongod('Many sessions that are ended at once on MongoDB', () => {
  const clock = new FakeClock();
  let one: MongoStorage;
  let two: MongoStorage;

  beforeEach(async () => {
    const databaseName = freshDatabaseName();
    one = await openMongoStorage(clock, { databaseName });
    two = await openMongoStorage(clock, { databaseName });
  });

  afterEach(async () => {
    await two?.close();
    await one?.discard();
  });

  async function crowd(count = SESSIONS, changes: Partial<SessionRecord> = {}): Promise<string[]> {
    const records = Array.from({ length: count }, () => aRecord(clock, { userId: 'ann', userEpoch: 0, ...changes }));
    await Promise.all(records.map((record) => two.store.insert(record)));
    return records.map(({ handle }) => handle).sort();
  }

  const sessions = () => one.connection.db!.collection('gatehouse_sessions');
  const handlesOf = (ended: readonly EndedSession[]) => ended.map(({ handle }) => handle).sort();

  /** What happens once the leases of a dead process are over. */
  async function lapse(): Promise<void> {
    await sessions().updateMany({ claim: { $exists: true } }, { $set: { 'claim.until': new Date(0) } });
    await one.connection.db!.collection('gatehouse_session_locks').deleteMany({});
  }

  async function sweepAll(): Promise<string[]> {
    const swept: EndedSession[] = [];
    for (let some = await two.index.sweep(7); some.length > 0; some = await two.index.sweep(7)) swept.push(...some);
    return handlesOf(swept);
  }

  it('are removed in three commands, of which the first is on the majority and in the journal', async () => {
    const handles = await crowd();
    expect(await one.commands.during(() => one.index.endAmong(handles, { userId: 'ann' }))).toEqual([
      'update',
      'find',
      'delete',
    ]);
    expect(one.commands.bodies[0]!['writeConcern']).toMatchObject({ w: 'majority', j: true });
    expect(await sessions().countDocuments()).toBe(0);
    expect(await one.commands.during(() => one.index.endAmong(handles, { userId: 'ann' }))).toEqual(['update']);
    expect(await one.commands.during(() => one.index.endAmong([], {}))).toEqual([]);
  });

  it('are each for one of several that end the same', async () => {
    const handles = await crowd(300);
    const endings = [one, two, one, two].flatMap(({ index }) => [
      index.endAmong(handles.slice(0, 200), {}),
      index.endAmong(handles.slice(100), { userId: 'ann' }),
      index.end({ userId: 'ann' }, 200),
    ]);
    expect(handlesOf((await Promise.all(endings)).flat())).toEqual(handles);
    expect(await sessions().countDocuments()).toBe(0);
  });

  for (const [place, commands] of [
    ['before anything is done', 0],
    ['once they have ended', 1],
    ['once it has read them', 2],
    ['once they are removed', 3],
  ] as const) {
    it(`are emitted by who has noted them, where the process dies ${place}`, async () => {
      const handles = await crowd();
      die(one.database, commands);
      await Promise.resolve(one.index.endAmong(handles, { userId: 'ann' })).catch(() => undefined);
      for (const handle of handles) expect((await two.store.read(handle)) === null).toBe(commands > 0);
      expect(await two.index.count({ userId: 'ann' })).toBe(commands > 0 ? 0 : SESSIONS);
      // Others end what is left, and nothing twice.
      expect(handlesOf(await two.index.endAmong(handles, {}))).toEqual(commands > 0 ? [] : handles);
      expect(await sweepAll()).toEqual([]);
      await lapse();
      expect(await sweepAll()).toEqual([]);
      expect(await sessions().countDocuments()).toBe(0);
    });
  }

  it('are not told again where their removal is undone', async () => {
    const handles = await crowd();
    let marked: mongo.WithId<mongo.Document>[] = [];
    const keep = async () => void (marked = await sessions().find().toArray());
    watch(one.database, (method) => (method === 'deleteMany' ? keep() : undefined));
    expect(handlesOf(await one.index.endAmong(handles, {}))).toEqual(handles);
    // As a crash of mongod, or a failover, may leave them.
    await sessions().insertMany(marked);
    for (const handle of handles) expect(await two.store.read(handle)).toBeNull();
    expect(await two.index.sweepUser('ann', 100)).toEqual([]);
    await lapse();
    expect(await sweepAll()).toEqual([]);
    expect(await sessions().countDocuments()).toBe(0);
  });

  it('are not evicted, nor counted as anonymous, while they are removed', async () => {
    const handles = await crowd(SESSIONS, { userId: null });
    dieBeforeRemoval(one.database);
    await expect(Promise.resolve(one.index.endAmong(handles, {}))).rejects.toThrow('dead');
    expect(await two.anonymous.evictOldest({ sessions: 1, bytes: Infinity }, 100)).toEqual([]);
    await crowd(2, { userId: null });
    expect(await two.anonymous.evictOldest({ sessions: 1, bytes: Infinity }, 100)).toHaveLength(1);
  });

  it('do not keep the epoch of a user who is forgotten', async () => {
    await two.index.raiseUserEpoch('ann');
    const handles = await crowd(SESSIONS, { userEpoch: 1 });
    dieBeforeRemoval(one.database);
    await expect(Promise.resolve(one.index.endAmong(handles, {}))).rejects.toThrow('dead');
    expect(await two.index.forgetUser('ann')).toBe(true);
    for (const handle of handles) expect(await two.store.read(handle)).toBeNull();
  });
});

/** The process of this instance dies when it is about to send another command for sessions than this many. */
function die(database: MongooseDatabase, after: number): void {
  let sent = 0;
  watch(database, () => {
    if (sent++ >= after) throw new Error('This process is dead.');
  });
}

/** The process of this instance dies when it is about to delete what it has claimed. */
function dieBeforeRemoval(database: MongooseDatabase): void {
  let isDead = false;
  watch(database, (method) => {
    isDead ||= method === 'deleteMany';
    if (isDead) throw new Error('This process is dead.');
  });
}

type Work = Parameters<MongooseDatabase['run']>[0];

/** Calls `before` with the name of each method of the sessions that is about to be called. */
function watch(database: MongooseDatabase, before: (method: string) => unknown): void {
  for (const name of ['run', 'runDurably'] as const) {
    const real = database[name].bind(database) as (work: Work) => Promise<unknown>;
    const watched = (work: Work) =>
      real((collections, options) => work({ ...collections, sessions: seen(collections.sessions) }, options));
    Object.assign(database, { [name]: watched });
  }
  function seen<T extends object>(collection: T): T {
    const get = (target: T, method: string) => {
      const value: unknown = Reflect.get(target, method, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        const go = () => (value as (...given: unknown[]) => unknown).apply(target, given);
        const waited = before(method);
        return waited instanceof Promise ? waited.then(go) : go();
      };
    };
    return new Proxy(collection, { get: get as ProxyHandler<T>['get'] });
  }
}
