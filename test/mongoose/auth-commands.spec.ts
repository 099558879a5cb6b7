import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { FakeClock, HOUR } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoAuth, type MongoAuth } from './support/mongo-auth.js';
import { anEntry, AUDIT_FILTERS } from '../support/records/audit-entries.js';

const ALICE = { id: 'a1', username: 'Alice', canonicalUsername: 'alice', createdAt: 1 };
const POLICY = { freeFailures: 3, hardLimit: 100, maxDelay: HOUR, lockout: HOUR };
const WINDOW = { limit: 3, window: HOUR };

describeWithMongod('What MongoDB is sent for sign-in', () => {
  const clock = new FakeClock();
  let storage: MongoAuth;

  beforeEach(async () => {
    storage = await openMongoAuth(clock);
  });

  afterEach(() => storage.discard());

  it('is one command for each method', async () => {
    const { users, attempts, audit, commands } = storage;
    const calls: [() => unknown, string][] = [
      [() => users.insert(ALICE), 'insert'],
      [() => users.findById('a1'), 'find'],
      [() => users.findByCanonicalUsername('alice'), 'find'],
      [
        () => users.update('a1', { disabled: true, raiseEpoch: true }, { passwordHash: null, epoch: 0 }),
        'findAndModify',
      ],
      [() => users.update('a1', {}), 'find'],
      [() => users.list({ limit: 10 }), 'find'],
      [() => attempts.countFailure('key', POLICY), 'findAndModify'],
      [() => attempts.countInWindow('network', WINDOW), 'findAndModify'],
      [() => attempts.read('key'), 'find'],
      [() => attempts.takeBack('network'), 'update'],
      [() => attempts.clear(['key', 'network']), 'delete'],
      [() => audit.append(anEntry(1)), 'insert'],
      [() => audit.find({}, { limit: 10 }), 'find'],
      [() => audit.expire(0, 10), 'find'],
    ];
    for (const [call, command] of calls) expect(await commands.during(call)).toEqual([command]);
    expect(await commands.during(() => attempts.clear([]))).toEqual([]);
  });

  it('is no upsert of an account, and each change is on the majority whatever the connection says', async () => {
    const careless = await openMongoAuth(clock, { connect: { writeConcern: { w: 1 } } });
    await careless.users.insert(ALICE);
    await careless.users.update('a1', { roles: ['admin'] });
    await careless.users.update('a1', { raiseEpoch: true });
    expect(await careless.users.update('nobody', { roles: ['admin'] })).toBeNull();
    const { bodies } = careless.commands;
    expect(bodies.map((body): unknown => body['writeConcern'])).toEqual(
      bodies.map(() => ({ w: 'majority', j: true, wtimeout: 30_000 })),
    );
    expect(bodies.filter(({ upsert }) => upsert)).toEqual([]);
    expect(await careless.users.findById('nobody')).toBeNull();
    await careless.discard();
  });

  it('is read from the primary, with a deadline for the server too', async () => {
    storage.commands.clear();
    await storage.users.findById('a1');
    expect(storage.commands.bodies).toMatchObject([{ readConcern: { level: 'local' }, maxTimeMS: 30_000 }]);
  });

  it('is never an operator that came as a value', async () => {
    const { users } = storage;
    await users.insert(ALICE);
    const operator = { $ne: null } as unknown as string;
    expect(await users.findById(operator)).toBeNull();
    expect(await users.findByCanonicalUsername(operator)).toBeNull();
    expect(await users.update(operator, { disabled: true })).toBeNull();
    expect(await users.update('a1', { disabled: true }, { passwordHash: { $ne: 1 } as unknown as string })).toBeNull();
  });

  it('reads a page of the audit trail along an index, whatever it is filtered by', async () => {
    const { audit, commands, connection } = storage;
    const entries = Array.from({ length: 1_000 }, (_, n) =>
      anEntry(n, { userId: n % 2 ? 'ann' : null, type: n % 5 ? 'login.ok' : 'logout' }),
    );
    for (let at = 0; at < entries.length; at += 50) {
      await Promise.all(entries.slice(at, at + 50).map((each) => audit.append(each)));
    }
    for (const filter of AUDIT_FILTERS) {
      commands.clear();
      await audit.find(filter, { limit: 20 });
      for (const { find, filter: conditions, sort, limit } of commands.bodies) {
        const explained = await connection.db!.command({
          explain: { find: find as string, filter: conditions as object, sort: sort as object, limit: limit as number },
          verbosity: 'executionStats',
        });
        expect((explained['executionStats'] as { totalDocsExamined: number }).totalDocsExamined).toBeLessThanOrEqual(
          21,
        );
      }
    }
  });

  it('fails with the error of every store while there is no connection', async () => {
    const { users, attempts, audit } = await openMongoAuth(clock).then(async (other) => {
      await other.discard();
      return other;
    });
    const calls = [
      () => users.insert(ALICE),
      () => users.findById('a1'),
      () => users.update('a1', { disabled: true }),
      () => users.list({ limit: 1 }),
      () => attempts.countFailure('key', POLICY),
      () => attempts.countInWindow('key', WINDOW),
      () => attempts.takeBack('key'),
      () => attempts.clear(['key']),
      () => attempts.read('key'),
      () => audit.append(anEntry(1)),
      () => audit.find({}, { limit: 1 }),
      () => audit.expire(1, 1),
    ];
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});
