import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { SessionUpdate, UpdateOutcome } from 'nest-gatehouse/session/storage';
import { FakeClock, HOUR } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { aRecord } from '../support/records/sessions.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';

const increment: SessionUpdate = { data: { increment: new Map([['n', 1]]) }, maxDataBytes: 65_536 };

function set(key: string, value: unknown): SessionUpdate {
  return { data: { set: new Map([[key, JSON.stringify(value)]]) }, maxDataBytes: 1_000 };
}

/** What `n` is after an update; null if that was refused. */
function sumOf(outcome: UpdateOutcome): number | null {
  return outcome.status === 'updated' ? (JSON.parse(outcome.data) as { n: number }).n : null;
}

describeWithMongod('Updates of one session at the same time', () => {
  const clock = new FakeClock();
  let here: MongoStorage;
  let there: MongoStorage;

  beforeAll(async () => {
    here = await openMongoStorage(clock);
    there = await openMongoStorage(clock, { databaseName: here.connection.name });
  });

  afterAll(async () => {
    await there.close();
    await here.discard();
  });

  async function stored(data: string): Promise<string> {
    const record = aRecord(clock, { data });
    await here.store.insert(record);
    return record.handle;
  }

  async function dataOf(handle: string): Promise<unknown> {
    return JSON.parse((await here.store.read(handle))!.data);
  }

  it('are made by a few commands, and each has its own answer', async () => {
    const handle = await stored('{}');
    let outcomes: UpdateOutcome[] = [];
    const sent = await here.commands.during(async () => {
      outcomes = await Promise.all(Array.from({ length: 201 }, () => here.store.update(handle, increment)));
    });
    // One alone, 128 together, 72 together.
    expect(sent).toEqual(['findAndModify', 'find', 'update', 'find', 'update']);
    expect(outcomes.map(sumOf)).toEqual(Array.from({ length: 201 }, (_, at) => at + 1));
    expect(outcomes.map((outcome) => outcome.status === 'updated' && outcome.version)).toEqual(
      Array.from({ length: 201 }, (_, at) => at + 2),
    );
    expect(await here.store.read(handle)).toMatchObject({ data: '{"n":201}', version: 202 });
  });

  it('are refused one by one', async () => {
    const handle = await stored('{"text":"a"}');
    const keys = Array.from({ length: 30 }, (_, at) => set(`key${at}`, at));
    const refused: SessionUpdate[] = [
      { data: { increment: new Map([['text', 1]]) } },
      set('large', 'x'.repeat(1_000)),
      { ...set('text', 'b'), expected: new Map([['text', '"other"']]) },
      { ...set('text', 'b'), ifVersion: 1 },
      { ...set('text', 'b'), fence: 3 },
    ];
    const broken: SessionUpdate = { data: { set: new Map([['text', 'no JSON']]) } };
    const updates = [
      increment,
      { ...set('fenced', 1), fence: 4 },
      ...keys.slice(0, 15),
      ...refused,
      broken,
      ...keys.slice(15),
    ];
    const results = await Promise.allSettled(updates.map((update) => here.store.update(handle, update)));
    const answers = results.map((result) =>
      result.status === 'fulfilled' ? result.value.status : (result.reason as Error).constructor.name,
    );
    const updated = (count: number) => Array.from({ length: count }, () => 'updated');
    expect(answers).toEqual([
      ...updated(17),
      ...['not_a_number', 'too_large', 'conflict', 'stale', 'fenced', 'TypeError'],
      ...updated(15),
    ]);
    const values = Object.fromEntries(keys.map((_, at) => [`key${at}`, at]));
    expect(await dataOf(handle)).toEqual({ text: 'a', n: 1, fenced: 1, ...values });
    expect(await here.store.read(handle)).toMatchObject({ version: 33, fence: 4 });
  });

  it('are all made where another process updates it, too', async () => {
    const handle = await stored('{}');
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, (_, at) => (at % 2 === 0 ? here : there).store.update(handle, increment)),
    );
    const sums = outcomes.map(sumOf);
    expect(sums.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
    expect(await dataOf(handle)).toEqual({ n: 300 });
  });

  it('count one first use of a day, and keep the fields of each', async () => {
    const handle = await stored('{}');
    const day = Math.floor(clock.now() / (24 * HOUR)) + 1;
    const use = (at: number): SessionUpdate => ({ fields: { countedDay: day, lastSeenAt: clock.now() + at } });
    const outcomes = await Promise.all([
      here.store.update(handle, { fields: { label: 'phone' } }),
      ...Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? here : there).store.update(handle, use(at))),
      here.store.update(handle, increment),
    ]);
    expect(outcomes.every(({ status }) => status === 'updated')).toBe(true);
    expect(outcomes.filter((outcome) => outcome.status === 'updated' && outcome.firstOfDay)).toHaveLength(1);
    expect(await here.store.read(handle)).toMatchObject({
      label: 'phone',
      countedDay: day,
      data: '{"n":1}',
      version: 2,
    });
  });

  it('find nothing any more once it has ended between them', async () => {
    const handle = await stored('{}');
    const updates = Promise.all(Array.from({ length: 40 }, () => here.store.update(handle, increment)));
    await there.store.delete(handle);
    const late = await here.store.update(handle, increment);
    expect(late.status).toBe('gone');
    const statuses = (await updates).map(({ status }) => status);
    expect(statuses).toEqual([...statuses].sort().reverse());
    expect(await here.store.read(handle)).toBeNull();
  });
});
