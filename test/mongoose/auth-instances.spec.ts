import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { MemoryLoginAttempts } from 'nest-gatehouse/auth';
import { type FailurePolicy, UsernameTakenError } from 'nest-gatehouse/auth/storage';
import { FakeClock, HOUR, MINUTE } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoAuth, type MongoAuth } from './support/mongo-auth.js';
import { freshDatabaseName } from './support/mongo-storage.js';

const ALICE = { id: 'a1', username: 'Alice', canonicalUsername: 'alice', createdAt: 1 };
const POLICY = { freeFailures: 5, hardLimit: 100, maxDelay: 15 * MINUTE, lockout: 24 * HOUR };

describeWithMongod('Two instances that sign in on one MongoDB', () => {
  const clock = new FakeClock();
  let instances: readonly [MongoAuth, MongoAuth];

  beforeEach(async () => {
    const databaseName = freshDatabaseName();
    instances = [await openMongoAuth(clock, { databaseName }), await openMongoAuth(clock, { databaseName })];
  });

  afterEach(async () => {
    await instances[1].close();
    await instances[0].discard();
  });

  /** Half of the calls on each. */
  function parallel<T>(count: number, call: (instance: MongoAuth, n: number) => Promise<T>): Promise<T[]> {
    return Promise.all(Array.from({ length: count }, (_, n) => call(instances[n % 2]!, n)));
  }

  it('never pass the limit with 100 guesses at once, of a username or from a network', async () => {
    const guesses = await parallel(100, ({ attempts }) => attempts.countFailure('user', POLICY));
    expect(guesses.filter(({ allowed }) => allowed)).toHaveLength(5);
    const window = { limit: 7, window: HOUR };
    const others = await parallel(100, ({ attempts }) => attempts.countInWindow('network', window));
    expect(others.filter(({ allowed }) => allowed)).toHaveLength(7);
    const [one, two] = instances;
    expect(await one.attempts.read('user')).toEqual(await two.attempts.read('user'));
    expect(await two.attempts.read('network')).toEqual({ failures: 7, blockedUntil: clock.now() + HOUR });
  });

  it('lose no failure that is taken back while others are counted', async () => {
    const window = { limit: 1_000, window: HOUR };
    await parallel(100, async ({ attempts }) => {
      await attempts.countInWindow('network', window);
      await attempts.takeBack('network');
    });
    expect(await instances[0].attempts.read('network')).toEqual({ failures: 0, blockedUntil: 0 });
  });

  it('count as memory does, under any policy', async () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    const model = new MemoryLoginAttempts(clock);
    const { attempts } = instances[0];
    for (let round = 0; round < 12; round++) {
      const key = `key${round}`;
      const policy: FailurePolicy = {
        freeFailures: random(5),
        hardLimit: 1 + random(12),
        maxDelay: [0, 1, 999, 1_000, 5_000, 15 * MINUTE][random(6)]!,
        lockout: [1, 3_000, HOUR][random(3)]!,
      };
      for (let step = 0; step < 16; step++) {
        expect(await attempts.countFailure(key, policy)).toEqual(model.countFailure(key, policy));
        expect(await attempts.read(key)).toEqual(model.read(key));
        clock.advance([0, 1, 1_000, 4_000, HOUR][random(5)]!);
      }
      for (let step = 0; step < 12; step++) {
        const window = { limit: 1 + (round % 4), window: 3_000 };
        expect(await attempts.countInWindow(`w${key}`, window)).toEqual(model.countInWindow(`w${key}`, window));
        if (random(3) === 0) await Promise.all([attempts.takeBack(`w${key}`), model.takeBack(`w${key}`)]);
        expect(await attempts.read(`w${key}`)).toEqual(model.read(`w${key}`));
        clock.advance(random(1_500));
      }
    }
  });

  it('give a username once, and one winner to changes that expect the same', async () => {
    const made = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => instances[n % 2]!.users.insert({ ...ALICE, id: `a${n}` })),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of made) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(UsernameTakenError);
    }
    const [alice] = (await instances[1].users.list({ limit: 10 })).items;
    const changed = await parallel(40, ({ users }, n) =>
      users.update(alice!.id, { passwordHash: `h${n}`, raiseEpoch: true }, { passwordHash: null, epoch: 0 }),
    );
    expect(changed.filter((outcome) => outcome !== null)).toHaveLength(1);
    expect((await instances[0].users.findById(alice!.id))?.epoch).toBe(1);
  });

  it('see a change of rights at once', async () => {
    const [one, two] = instances;
    await one.users.insert({ ...ALICE, roles: ['admin'] });
    await two.users.update('a1', { roles: [], disabled: true, raiseEpoch: true });
    expect(await one.users.findByCanonicalUsername('alice')).toMatchObject({ roles: [], disabled: true, epoch: 1 });
  });
});
