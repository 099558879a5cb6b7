import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { mongo } from 'mongoose';
import { FakeClock } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';
import { aRecord } from '../support/records/sessions.js';

interface Plan {
  readonly stage?: string;
  readonly indexName?: string;
  readonly inputStage?: Plan;
}

interface Explained {
  readonly totalDocsExamined: number;
  readonly stages: readonly string[];
}

describeWithMongod('The anonymous sessions of MongoDB', () => {
  const clock = new FakeClock();
  let storage: MongoStorage;

  beforeAll(async () => {
    storage = await openMongoStorage(clock);
  });

  afterAll(async () => {
    await storage.discard();
  });

  beforeEach(async () => {
    await sessions().deleteMany({});
  });

  const sessions = () => storage.connection.db!.collection<{ _id: string }>('gatehouse_sessions');
  const raw = (handle: string) => sessions().findOne<mongo.Document>({ _id: handle });
  const set = (key: string, length: number) => ({ set: new Map([[key, JSON.stringify('x'.repeat(length))]]) });

  async function stored(changes = {}) {
    const record = aRecord(clock, changes);
    await storage.store.insert(record);
    return record;
  }

  async function explained(command: mongo.Document): Promise<Explained> {
    const { lsid, $db, signal, ...bare } = command;
    const answer = await storage.connection.db!.command({ explain: bare, verbosity: 'executionStats' });
    const text = JSON.stringify(answer);
    const examined = [...text.matchAll(/"totalDocsExamined":(\d+)/g)].map(([, count]) => Number(count));
    const stages: string[] = [];
    const visit = (plan: Plan | undefined): void => {
      if (!plan) return;
      if (plan.stage) stages.push(plan.indexName ? `${plan.stage} ${plan.indexName}` : plan.stage);
      visit(plan.inputStage);
    };
    const planner = /"winningPlan":(\{.*?\}),"rejectedPlans"/.exec(text);
    const winning = JSON.parse(planner![1]!) as Plan & { queryPlan?: Plan };
    visit(winning.queryPlan ?? winning);
    return { totalDocsExamined: Math.max(...examined), stages };
  }

  it('are counted and chosen in an index that has no others, without a look at a document', async () => {
    for (let n = 0; n < 30; n++) await stored({ lastSeenAt: clock.now() + n });
    for (let n = 0; n < 30; n++) await stored({ userId: 'ann' });
    storage.commands.clear();
    await storage.anonymous.evictOldest({ sessions: 25, bytes: Infinity }, 100);
    const { bodies } = storage.commands;
    const asked = bodies.filter(
      (body) => body['aggregate'] === 'gatehouse_sessions' || body['find'] === 'gatehouse_sessions',
    );
    expect(asked).toHaveLength(2);
    for (const command of asked) {
      const { totalDocsExamined, stages } = await explained(command);
      expect(totalDocsExamined).toBe(0);
      expect(stages.at(-1)).toBe('IXSCAN anonymous_by_last_use');
      expect(stages.join()).not.toMatch(/SORT|FETCH|COLLSCAN/);
    }
  });

  it('cost one look and no deletion while they are within their bounds', async () => {
    await stored();
    const { commands, anonymous } = storage;
    const names = await commands.during(() => anonymous.evictOldest({ sessions: 10, bytes: 1_000_000 }, 100));
    expect(names.filter((name) => name === 'aggregate')).toHaveLength(1);
    expect(names).not.toContain('find');
    const bodies = commands.bodies.filter((body) => body['findAndModify'] === 'gatehouse_sessions');
    expect(bodies).toEqual([]);
  });

  it('are marked, and signed-in ones are not, whichever way they became so', async () => {
    const [visitor, user] = [await stored(), await stored({ userId: 'ann' })];
    expect(await raw(visitor.handle)).toMatchObject({ anonymous: true });
    expect(await raw(user.handle)).not.toHaveProperty('anonymous');
    await storage.store.update(visitor.handle, { fields: { userId: 'ben' } });
    await storage.store.update(user.handle, { fields: { userId: null } });
    expect(await raw(visitor.handle)).not.toHaveProperty('anonymous');
    expect(await raw(user.handle)).toMatchObject({ anonymous: true });
    expect(await storage.store.read(user.handle)).toMatchObject({ userId: null });
  });

  it('tell how large they are: exactly when saved as a whole, and by one more command where keys were merged', async () => {
    const { store, commands } = storage;
    const { handle } = await stored();
    const bytesTold = async () => (await raw(handle))!['dataBytes'] as number;
    const data = JSON.stringify({ a: 'x'.repeat(5_000) });
    await store.update(handle, { data: set('a', 5_000), whole: { version: 1, data } });
    expect(await bytesTold()).toBe(data.length);

    expect(await commands.during(() => store.update(handle, { data: set('b', 100) }))).toEqual(['findAndModify']);
    expect(await commands.during(() => store.update(handle, { data: set('c', 5_000) }))).toEqual([
      'findAndModify',
      'update',
    ]);
    expect(await bytesTold()).toBe((await store.read(handle))!.data.length);

    await Promise.all(Array.from({ length: 10 }, (_, n) => store.update(handle, { data: set(`key ${n}`, 2_000) })));
    expect(await bytesTold()).toBe((await store.read(handle))!.data.length);
    const increments = Array.from({ length: 20 }, (_, n) => ({ increment: new Map([[`n${n}`, 1]]) }));
    for (const increment of increments) await store.update(handle, { data: increment });
    expect(Math.abs((await bytesTold()) - (await store.read(handle))!.data.length)).toBeLessThanOrEqual(256);
  });

  it('cost signed-in ones no further command', async () => {
    const { store, commands } = storage;
    const { handle } = await stored({ userId: 'ann' });
    expect(await commands.during(() => store.update(handle, { data: set('c', 5_000) }))).toEqual(['findAndModify']);
  });

  it('are spared if they are used in the moment of their eviction: then others are the oldest', async () => {
    const first = await stored({ lastSeenAt: clock.now() - 10 });
    const second = await stored({ lastSeenAt: clock.now() - 5 });
    await stored();
    const { database } = storage;
    const run = database.run.bind(database);
    let touched = false;
    database.run = async (work, deadline) => {
      const result = await run(work, deadline);
      if (!touched && Array.isArray(result) && (result[0] as { _id?: unknown } | undefined)?._id === first.handle) {
        touched = true;
        await storage.store.update(first.handle, { fields: { lastSeenAt: clock.now() + 1 } });
      }
      return result;
    };
    const ended = await storage.anonymous.evictOldest({ sessions: 2, bytes: Infinity }, 100);
    database.run = run;
    expect(touched).toBe(true);
    expect(ended.map(({ handle }) => handle)).toEqual([second.handle]);
    expect(await storage.store.read(first.handle)).not.toBeNull();
  });

  it('are as many as the bound says after two instances evicted together, each told once', async () => {
    const other = await openMongoStorage(clock, { databaseName: storage.connection.name });
    for (let n = 0; n < 300; n++) await stored({ lastSeenAt: clock.now() + n });
    const evictAll = async ({ anonymous }: MongoStorage) => {
      const handles: string[] = [];
      for (;;) {
        const batch = await anonymous.evictOldest({ sessions: 50, bytes: Infinity }, 30);
        if (batch.length === 0) return handles;
        handles.push(...batch.map(({ handle }) => handle));
      }
    };
    const told = (await Promise.all([storage, other].map(evictAll))).flat();
    expect(new Set(told).size).toBe(250);
    expect(told).toHaveLength(250);
    expect(await sessions().countDocuments()).toBe(50);
    await other.close();
  });
});
