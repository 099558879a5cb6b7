import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FakeClock, HOUR, MINUTE } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';
import { aHash, aRecord } from '../support/records/sessions.js';

describeWithMongod('What MongoDB is sent', () => {
  const clock = new FakeClock();
  let storage: MongoStorage;

  beforeAll(async () => {
    storage = await openMongoStorage(clock);
  });

  afterAll(async () => {
    await storage.discard();
  });

  async function stored(changes = {}) {
    const record = aRecord(clock, changes);
    await storage.store.insert(record);
    return record;
  }

  it('is one command to open a session, signed in or not', async () => {
    const { store, commands } = storage;
    for (const record of [await stored(), await stored({ userId: 'ann', userEpoch: 3 })]) {
      expect(await commands.during(() => store.read(record.handle))).toEqual(['find']);
      expect(await store.read(record.handle)).toEqual(record);
    }
  });

  it('is one command to make an anonymous session, and a look at the epoch for a signed-in one', async () => {
    const { commands } = storage;
    expect(await commands.during(() => stored())).toEqual(['insert']);
    expect(await commands.during(() => stored({ userId: 'ann' }))).toEqual(['insert', 'find']);
  });

  it('is one command to save: set, unset, increment, fields, fence, limit and expectation together', async () => {
    const { store, commands } = storage;
    const { handle } = await stored({ data: '{"a":1,"b":"x","c":null}' });
    const update = {
      data: { set: new Map([['b', '"y"']]), unset: new Set(['c']), increment: new Map([['a', 2]]) },
      expected: new Map([
        ['b', '"x"'],
        ['absent', null],
      ]),
      fields: { lastSeenAt: clock.now() + MINUTE, label: 'phone' },
      maxDataBytes: 65_536,
      fence: 7,
    };
    expect(await commands.during(() => store.update(handle, update))).toEqual(['findAndModify']);
    const record = await store.read(handle);
    expect(JSON.parse(record!.data)).toEqual({ a: 3, b: 'y' });
    expect(record).toMatchObject({ version: 2, fence: 7, label: 'phone', lastSeenAt: clock.now() + MINUTE });
  });

  it('is one command to save what nobody else has changed since it was read, and one more to merge', async () => {
    const { store, commands } = storage;
    const { handle } = await stored({ data: '{"a":1}' });
    const save = (value: number) => () =>
      store.update(handle, {
        data: { set: new Map([['a', String(value)]]) },
        whole: { version: 1, data: `{"a":${value}}` },
        maxDataBytes: 65_536,
      });
    expect(await commands.during(save(2))).toEqual(['update']);
    expect(await commands.during(save(3))).toEqual(['update', 'findAndModify']);
    expect(await store.read(handle)).toMatchObject({ version: 3, data: '{"a":3}' });
  });

  it('is one command to save into a large session, for small and for large changes', async () => {
    const { store, commands } = storage;
    const { handle } = await stored({ data: JSON.stringify({ big: 'x'.repeat(40_000), other: 'y'.repeat(20_000) }) });
    const save = (key: string, length: number) => () =>
      store.update(handle, {
        data: { set: new Map([[key, JSON.stringify('z'.repeat(length))]]) },
        maxDataBytes: 65_536,
      });
    expect(await commands.during(save('small', 100))).toEqual(['findAndModify']);
    expect(await commands.during(save('big', 40_000))).toEqual(['findAndModify']);
    expect(await commands.during(save('other', 20_000))).toEqual(['findAndModify']);
  });

  it('is one command to touch, to rotate and to end', async () => {
    const { store, commands } = storage;
    const { handle, secretHash } = await stored();
    expect(await commands.during(() => store.update(handle, { fields: { lastSeenAt: clock.now() } }))).toEqual([
      'findAndModify',
    ]);
    const rotation = { expectedSecretHash: secretHash, secretHash: aHash(), issuedAt: clock.now(), graceUntil: 0 };
    expect(await commands.during(() => store.rotate(handle, rotation))).toEqual(['findAndModify']);
    expect(await commands.during(() => store.delete(handle))).toEqual(['delete']);
  });

  it('is a second look only where the first command did nothing', async () => {
    const { store, commands } = storage;
    const { handle } = await stored({ data: '{"name":"ann"}', fence: 9 });
    const set = { set: new Map([['a', '1']]) };
    const refused = ['findAndModify', 'find'];
    expect(await commands.during(() => store.update('nothing', { data: set }))).toEqual(refused);
    expect(await commands.during(() => store.update(handle, { data: set, fence: 8 }))).toEqual(refused);
    expect(await commands.during(() => store.update(handle, { data: { increment: new Map([['name', 1]]) } }))).toEqual(
      refused,
    );
    expect(
      await commands.during(() => store.update(handle, { data: set, expected: new Map([['name', null]]) })),
    ).toEqual(refused);
    expect(await commands.during(() => store.update(handle, { data: set, maxDataBytes: 15 }))).toEqual(refused);
    expect(await store.read(handle)).toMatchObject({ version: 1, data: '{"name":"ann"}' });
  });

  it('never asks for an upsert of a session', async () => {
    const { store, commands } = storage;
    commands.clear();
    await store.update('nothing', { data: { set: new Map([['a', '1']]) }, fields: { lastSeenAt: 1 } });
    await store.rotate('nothing', { expectedSecretHash: aHash(), secretHash: aHash(), issuedAt: 1, graceUntil: 0 });
    expect(commands.bodies.filter(({ upsert }) => upsert)).toEqual([]);
  });

  it('is durable on the majority for signing in, rotating, ending and revoking', async () => {
    const { store, index, commands } = storage;
    const record = aRecord(clock, { userId: 'ben', userEpoch: 1 });
    const other = aRecord(clock, { userId: 'ben', userEpoch: 1 });
    commands.clear();
    await store.insert(record);
    await store.insert(other);
    await store.update(record.handle, { fields: { userEpoch: 2 } });
    await store.rotate(record.handle, {
      expectedSecretHash: record.secretHash,
      secretHash: aHash(),
      issuedAt: 1,
      graceUntil: 0,
    });
    await store.delete(record.handle);
    await index.raiseUserEpoch('ben');
    await index.raiseUserEpoch('ben');
    await index.end({ userId: 'ben' }, 10);
    const writes = commands.bodies.filter((body) => isWrite(body) && !isHousekeeping(body));
    expect(writes.length).toBeGreaterThan(5);
    expect(writes.map(({ writeConcern }) => writeConcern as unknown)).toEqual(
      writes.map(() => ({ w: 'majority', j: true, wtimeout: 30_000 })),
    );
  });

  it('goes to the primary, with a deadline for the server too', async () => {
    const { store, commands } = storage;
    const { handle } = await stored();
    commands.clear();
    await store.read(handle);
    const [read] = commands.bodies;
    expect(read).toMatchObject({ readConcern: { level: 'local' } });
    expect(read!['maxTimeMS']).toBe(30_000);
  });

  it('reads from the primary even if the connection prefers others', async () => {
    const other = await openMongoStorage(clock, {
      autoIndex: true,
      connect: { readPreference: 'secondary', readConcernLevel: 'majority' },
    });
    const record = aRecord(clock);
    await other.store.insert(record);
    other.commands.clear();
    await other.store.read(record.handle);
    expect(other.commands.bodies[0]!['readConcern']).toEqual({ level: 'local' });
    expect(other.commands.bodies[0]).not.toMatchObject({ $readPreference: { mode: 'secondary' } });
    await other.discard();
  });

  it('lets nothing be read that is over, before anything has swept it', async () => {
    const { store } = storage;
    const { handle } = await stored();
    clock.advance(HOUR);
    expect(await store.read(handle)).toBeNull();
    expect(await store.delete(handle)).toBe(false);
  });
});

/** The note that every session of a lower epoch is marked may get lost: then the next sweep looks again. */
function isWrite(body: Record<string, unknown>): boolean {
  return ['insert', 'update', 'delete', 'findAndModify'].some((command) => body[command] !== undefined);
}

function isHousekeeping(body: Record<string, unknown>): boolean {
  return JSON.stringify(body).includes('"$unset":{"unfinished"');
}
