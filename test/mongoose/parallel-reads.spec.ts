import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { FakeClock, HOUR } from '../support/apps/fake-clock.js';
import { describeWithMongod, mongodOfRun } from '../support/mongod/mongod-run.js';
import { aRecord } from '../support/records/sessions.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';

describeWithMongod('Reads at the same time', () => {
  const clock = new FakeClock();
  let storage: MongoStorage;

  beforeAll(async () => {
    storage = await openMongoStorage(clock);
  });

  afterAll(async () => {
    await storage.discard();
  });

  async function stored(count: number, changes: Partial<SessionRecord> = {}): Promise<SessionRecord[]> {
    const records = Array.from({ length: count }, (_, at) => aRecord(clock, { data: `{"at":${at}}`, ...changes }));
    await Promise.all(records.map((record) => storage.store.insert(record)));
    return records;
  }

  const read = ({ handle }: { readonly handle: string }) => storage.store.read(handle);

  it('are one command for a hundred sessions, and each gets its own', async () => {
    const records = await stored(201);
    let found: unknown[] = [];
    const sent = await storage.commands.during(async () => (found = await Promise.all(records.map(read))));
    expect(found).toEqual(records);
    expect(sent).toEqual(['find', 'find', 'find']);
  });

  it('are answered whatever mixture of sessions is asked for', async () => {
    const [alive, expired, ended] = await Promise.all([
      stored(3),
      stored(2, { expiresAt: clock.now() + 1, idleExpiresAt: clock.now() + 1 }),
      stored(2),
    ]);
    clock.advance(2);
    for (const { handle } of ended) await storage.store.delete(handle);
    const absent = aRecord(clock);
    const expected = new Map([
      ...alive.map((record) => [record, record] as const),
      ...[...expired, ...ended, absent].map((record) => [record, null] as const),
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...expected.keys()), { minLength: 1, maxLength: 20 }),
        async (asked) => {
          storage.commands.clear();
          expect(await Promise.all(asked.map(read))).toEqual(asked.map((record) => expected.get(record)));
          expect(storage.commands.names).toEqual(['find']);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('see what was acknowledged before they were asked for, and never the end of another as their own', async () => {
    const records = await stored(20);
    const early = records.map(read);
    const ends = records.map(({ handle }, at) => (at % 2 ? storage.store.delete(handle) : null));
    const late = ends.map(async (end, at) => {
      await end;
      return read(records[at]!);
    });
    expect(await Promise.all(late)).toEqual(records.map((record, at) => (at % 2 ? null : record)));
    for (const [at, found] of (await Promise.all(early)).entries()) {
      if (at % 2 === 0 || found) expect(found).toEqual(records[at]);
    }
  });

  it('cost one reader nothing of what another does with its record', async () => {
    const [record] = await stored(1, { userId: 'ann', userEpoch: 1, amr: ['pwd'], authTime: clock.now(), aal: 1 });
    const [one, other] = await Promise.all([read(record!), read(record!)]);
    expect(() => Object.assign(one!, { userId: 'eve' })).toThrow(TypeError);
    expect(() => (one!.amr as string[]).push('otp')).toThrow(TypeError);
    expect(other).toEqual(record);
  });

  it('do not suffer from the damaged document of another', async () => {
    const [damaged, ...whole] = await stored(4);
    const sessions = storage.connection.db!.collection<{ _id: string }>('gatehouse_sessions');
    await sessions.updateOne({ _id: damaged!.handle }, { $unset: { idleExpiresAt: '' } });
    const results = await Promise.allSettled([damaged!, ...whole].map(read));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  });

  it('all fail where their command does, and the next ones are answered', async () => {
    const failing = await openMongoStorage(clock, { databaseName: storage.connection.name, operationDeadline: 200 });
    const records = await stored(5, { absoluteExpiresAt: clock.now() + HOUR });
    await failing.connection.close();
    const results = await Promise.allSettled(records.map(({ handle }) => failing.store.read(handle)));
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailableError) });
    }
    await failing.connection.openUri((await mongodOfRun())!.uri, { dbName: storage.connection.name });
    expect(await Promise.all(records.map(({ handle }) => failing.store.read(handle)))).toEqual(records);
    await failing.close();
  });
});
