import { afterEach, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { LOGIN, onOnePlatform, PASSWORD, type AuthApp } from './support/auth-app.js';
import { rawRequest } from './support/raw-request.js';

const STRANGER = '127.0.0.2';
const { compare, hash } = bcrypt;

/** Rounds of bcrypt, and operations of the stores, since the last look. The work itself is done as ever. */
function watchWork(app: AuthApp) {
  let rounds = 0;
  let operations: string[] = [];
  const count = (cost: number) => (rounds += 2 ** cost);
  bcrypt.compare = ((data: string, hashed: string) => {
    count(bcrypt.getRounds(hashed));
    return compare(data, hashed);
  }) as typeof bcrypt.compare;
  bcrypt.hash = ((data: string, cost: number) => {
    count(cost);
    return hash(data, cost);
  }) as typeof bcrypt.hash;
  const storage = app.app.get(AuthStorage);
  const ask = storage.ask.bind(storage) as (operation: string, ...rest: unknown[]) => Promise<unknown>;
  Object.assign(storage, {
    ask(operation: string, ...rest: unknown[]) {
      operations.push(operation);
      return ask(operation, ...rest);
    },
  });
  return () => {
    const seen = { rounds, operations };
    rounds = 0;
    operations = [];
    return seen;
  };
}

onOnePlatform('A sign-in that fails', (start) => {
  afterEach(() => void Object.assign(bcrypt, { compare, hash }));

  it('takes the same work whether or not there is such a user, and whatever is wrong', async () => {
    const app = await start({ auth: { freeFailures: 1_000, hardLimit: 1_000, networkLimit: 0 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const { user } = await app.users.create({ username: 'disabled', password: PASSWORD });
    await app.users.disable(user.id);
    const { users } = app.app.get(AuthStorage);
    await users.insert({ id: 'x', username: 'hashless', canonicalUsername: 'hashless', createdAt: app.clock.now() });
    const workSince = watchWork(app);
    const attempts: [string, unknown, unknown][] = [
      ['a wrong password', 'alice', 'a wrong password, quite wrong'],
      ['an unknown user', 'unknown', PASSWORD],
      ['a disabled user with the right password', 'disabled', PASSWORD],
      ['a disabled user with a wrong password', 'disabled', 'wrong'],
      ['a user without a password', 'hashless', PASSWORD],
      ['a password that is too long', 'alice', PASSWORD.repeat(100)],
      ['a password that is no text', 'alice', { $ne: null }],
      ['an empty password', 'alice', ''],
      ['a name that nobody can have', '\u0000', PASSWORD],
      ['a name that is no text', ['alice'], PASSWORD],
    ];
    // The first one of all, whoever asks, looks up what hashes are stored.
    await rawRequest(app.url + LOGIN, { from: STRANGER, body: { username: 'nobody', password: PASSWORD } });
    workSince();
    const seen: [string, ReturnType<typeof workSince>, string][] = [];
    for (const [what, username, password] of attempts) {
      const answer = await rawRequest(app.url + LOGIN, { from: STRANGER, body: { username, password } });
      expect([what, answer.status, answer.code]).toEqual([what, 401, 'invalid_credentials']);
      const { date, ...headers } = answer.headers;
      seen.push([what, workSince(), JSON.stringify([headers, answer.text])]);
    }
    const [, first, shown] = seen[0]!;
    expect(first.rounds).toBe(2 ** 4);
    expect(first.operations).toContain('users.find');
    for (const [what, work, answer] of seen) expect([what, work, answer]).toEqual([what, first, shown]);
  });
});
