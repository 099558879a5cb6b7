import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Connection } from 'mongoose';
import { SystemClock } from 'nest-gatehouse/common';
import { MongooseDatabase, type MongooseStorageOptions, StorageIndexError } from 'nest-gatehouse/mongoose';
import { until } from '../support/latch.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { connect, freshDatabaseName, openMongoStorage, type MongoStorage } from './support/mongo-storage.js';
import { aRecord } from '../support/records/sessions.js';

describeWithMongod('The indexes of MongoDB', () => {
  let connection: Connection;

  beforeEach(async () => {
    connection = await connect(freshDatabaseName());
  });

  afterEach(async () => {
    await connection.dropDatabase();
    await connection.close();
  });

  const sessions = () => connection.db!.collection('gatehouse_sessions');
  const indexNames = async () => (await sessions().indexes()).map(({ name }) => name!).sort();
  const ttl = async () =>
    (await sessions().indexes()).find(({ name }) => name === 'expires_at_ttl')?.expireAfterSeconds;
  const open = (options?: MongooseStorageOptions) => MongooseDatabase.open(connection, options);

  it('are made at start, once', async () => {
    await open();
    await open();
    expect(await indexNames()).toEqual([
      '_id_',
      'anonymous_by_last_use',
      'by_creation',
      'by_device_and_owner',
      'by_last_use',
      'by_network_and_owner',
      'by_user',
      'by_username',
      'expires_at_ttl',
    ]);
    expect(await ttl()).toBe(3_600);
    expect(Object.keys(connection.models).sort()).toEqual([
      'GatehouseSession',
      'GatehouseSessionLock',
      'GatehouseUserEpoch',
    ]);
  });

  it('are only looked at where autoIndex is false: the error has the commands', async () => {
    const refusal = await open({ autoIndex: false }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StorageIndexError);
    const { message, commands } = refusal as StorageIndexError;
    expect(message).toContain(
      'db.getCollection("gatehouse_sessions").createIndex({"expiresAt":1}, {"name":"expires_at_ttl","expireAfterSeconds":3600})',
    );
    expect(commands).toHaveLength(8);
    await open({ autoIndex: true });
    await open({ autoIndex: false });
  });

  it("follow the connection's autoIndex", async () => {
    const careful = await connect(connection.name, { autoIndex: false });
    await expect(MongooseDatabase.open(careful)).rejects.toThrow(StorageIndexError);
    await careful.close();
  });

  it('get their time repaired, or the command for it', async () => {
    await open({ ttlGrace: '2h' });
    expect(await ttl()).toBe(7_200);
    await expect(open({ autoIndex: false })).rejects.toThrow(
      'db.runCommand({"collMod":"gatehouse_sessions","index":{"name":"expires_at_ttl","expireAfterSeconds":3600}})',
    );
    await open();
    expect(await ttl()).toBe(3_600);
  });

  it('get a time where there was none', async () => {
    await sessions().createIndex({ expiresAt: 1 }, { name: 'mine' });
    await open();
    expect((await sessions().indexes()).find(({ name }) => name === 'mine')?.expireAfterSeconds).toBe(3_600);
  });

  it('are never replaced: one that stands in the way is reported', async () => {
    await sessions().createIndex({ userId: 1, createdAt: -1, _id: -1 }, { name: 'whole' });
    await expect(open()).rejects.toThrow('db.getCollection("gatehouse_sessions").dropIndex("whole")');
  });

  it('let MongoDB remove what nothing has swept', async () => {
    const clock = new SystemClock();
    const storage = await openMongoStorage(clock, { databaseName: connection.name });
    const [due, kept] = [
      aRecord(clock, { expiresAt: clock.now() - 2 * 3_600_000 }),
      aRecord(clock, { expiresAt: clock.now() - 1_000 }),
    ];
    await storage.store.insert(kept);
    await storage.store.insert(due);
    await until(
      'the TTL task has run',
      async () => (await sessions().countDocuments({ _id: due.handle as never })) === 0,
    );
    expect(await sessions().countDocuments({})).toBe(1);
    await storage.close();
  });
});

interface Explained {
  readonly queryPlanner: { readonly winningPlan: unknown };
  readonly executionStats: { readonly totalDocsExamined: number; readonly totalKeysExamined: number };
}

const NOW = Date.now();
// So many that most of them are more than a sort by hand is worth, see `session-search.ts`.
const SESSIONS = 12_000;
const OF_EACH_USER = 20;

describeWithMongod(`Query plans on ${SESSIONS} sessions`, () => {
  const clock = { now: () => NOW };
  let storage: MongoStorage;

  /** More of each kind than a page shows, so that a plan which looks at all of them is seen to. */
  beforeAll(async () => {
    storage = await openMongoStorage(clock);
    const now = NOW;
    const users = SESSIONS / OF_EACH_USER;
    const documents = Array.from({ length: SESSIONS }, (_, n) => ({
      _id: randomBytes(16).toString('base64url'),
      secretIssuedAt: new Date(now),
      createdAt: new Date(now - n),
      lastSeenAt: new Date(now - n),
      expiresAt: new Date(now + 3_600_000 + n),
      idleExpiresAt: new Date(now + 3_600_000 + n),
      absoluteExpiresAt: new Date(now + 7_200_000),
      ip: `10.0.${n % 20}.1`,
      version: 1,
      data: {},
      ...(n % 2 ? { userId: `user${n % users}` } : { anonymous: true }),
    }));
    await storage.connection.db!.collection<{ _id: string }>('gatehouse_sessions').insertMany(documents);
  });

  beforeEach(() => storage.commands.clear());

  afterAll(() => storage?.discard());

  /** What the server did for the last command that reads, told by running it again under explain. */
  async function plan(
    command = storage.commands.bodies.at(-1)!,
  ): Promise<{ indexes: string[]; docs: number; keys: number; stages: string }> {
    const { lsid, $db, maxTimeMS, readConcern, $clusterTime, ...asked } = command;
    const explained = await storage.connection.db!.command({ explain: asked, verbosity: 'executionStats' });
    const { stages } = explained as { stages?: [{ $cursor: Explained }] };
    const { queryPlanner, executionStats: stats } = stages?.[0].$cursor ?? (explained as Explained);
    const text = JSON.stringify(queryPlanner.winningPlan);
    return {
      indexes: [...new Set([...text.matchAll(/"indexName":"([^"]+)"/g)].map(([, name]) => name!))],
      docs: stats.totalDocsExamined,
      keys: stats.totalKeysExamined,
      stages: text,
    };
  }

  it('read and save by the handle alone', async () => {
    const record = aRecord(clock);
    const { handle } = record;
    await storage.store.insert(record);
    await storage.store.update(handle, { data: { set: new Map([['a', '1']]) }, maxDataBytes: 100, fence: 1 });
    expect(await plan()).toMatchObject({ docs: 1, keys: 1 });
    await storage.store.delete(handle);
    storage.commands.clear();
    await storage.store.read(handle);
    expect(await plan()).toMatchObject({ docs: 0, keys: 0 });
  });

  it.each([
    ['all, newest first', {}, 'createdAt', 'by_creation', 51],
    ['all, last used first', {}, 'lastSeenAt', 'by_last_use', 51],
    ['of a user', { userId: 'user7' }, 'createdAt', 'by_user', OF_EACH_USER],
    ['of an address', { ip: '10.0.7.1' }, 'createdAt', 'by_network_and_owner', 51],
    ['of a name', { username: 'nobody' }, 'createdAt', 'by_username', 0],
    ['of a device', { device: 'firefox' }, 'createdAt', 'by_device_and_owner', 0],
    ['of a network, by last use', { network: '192.0.2.0/24' }, 'lastSeenAt', 'by_network_and_owner', 0],
    ['last used before a time', { lastSeenBefore: 0 }, 'lastSeenAt', 'by_last_use', 0],
    ['last used before a time, newest first', { lastSeenBefore: NOW - SESSIONS / 4 }, 'createdAt', 'by_creation', 51],
  ] as const)('list %s without looking at more', async (_, filter, sort, index, docs) => {
    const { next } = await storage.index.find(filter, { limit: 50, sort });
    const first = await plan();
    expect(first.indexes).toEqual([index]);
    expect(first.docs).toBeLessThanOrEqual(docs);
    expect(first.stages).not.toContain('COLLSCAN');
    if (docs > 0) expect(first.stages).not.toContain('"stage":"SORT"');
    if (!next) return;
    await storage.index.find(filter, { limit: 50, sort, cursor: next });
    const second = await plan();
    expect(second.indexes).toEqual([index]);
    expect(second.docs).toBeLessThanOrEqual(docs + 1);
  });

  it('count all in an index, and those of a user in another', async () => {
    expect(await storage.index.count({})).toBe(SESSIONS);
    expect(await plan()).toMatchObject({ indexes: ['expires_at_ttl'], docs: 0 });
    expect(await storage.index.count({ userId: 'user7' })).toBe(OF_EACH_USER);
    expect(await plan()).toMatchObject({ indexes: ['by_user'], docs: OF_EACH_USER });
  });

  it.each([
    ['by_network_and_owner', { state: 'anonymous', network: '10.0.0.0/8' }],
    ['by_network_and_owner', { state: 'signed-in', network: '10.0.0.0/8' }],
    ['by_device_and_owner', { state: 'signed-in', device: '' }],
  ] as const)('count by the keys of %s alone: %j', async (name, filter) => {
    await storage.index.count(filter);
    storage.commands.clear();
    expect(await storage.index.count(filter)).toBe(SESSIONS / 2);
    const counts = storage.commands.bodies.filter(({ aggregate }) => aggregate === 'gatehouse_sessions');
    const plans = await Promise.all(counts.map((command) => plan(command)));
    expect(plans.filter(({ indexes, keys }) => indexes.includes(name) && keys > SESSIONS / 2)).not.toEqual([]);
    // Those that have ended, and the first of a range to see whether there are many, are not more.
    expect(Math.max(...plans.map(({ docs }) => docs))).toBe(0);
  });

  it('sweep what is due first, and look at nothing else', async () => {
    await storage.index.sweep(10);
    const look = storage.commands.bodies.find(({ find }) => find === 'gatehouse_sessions');
    expect(look!['filter']).toHaveProperty('expiresAt');
    const explained = await storage.connection.db!.command({
      explain: { find: 'gatehouse_sessions', filter: look!['filter'] as unknown, limit: 1 },
      verbosity: 'executionStats',
    });
    expect(explained['executionStats']).toMatchObject({ totalDocsExamined: 0 });
  });
});
