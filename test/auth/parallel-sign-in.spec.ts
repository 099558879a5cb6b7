import { expect, it } from '@jest/globals';
import type { AuthModuleOptions } from 'nest-gatehouse/auth';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import type { BrowserClient } from '../support/browser/browser-client.js';
import { codeOf, LOGIN, onEveryDatabase, OTHER_PASSWORD, PASSWORD, type AuthApp } from './support/auth-app.js';
import { hashOfOurs, NEW_PEPPER, OLD_PEPPER, plainHash } from './support/stored-hashes.js';
import { sharingApps } from '../support/apps/combinations.js';

const PARALLEL = 20;
const session = { lockWait: '25s' } as const;

/** What is stored before, what is configured since. */
const MOVES: [string, () => Promise<{ passwordHash: string; pepperId: string | null }>, AuthModuleOptions][] = [
  ['the cost rises', () => hashOfOurs(PASSWORD, 4), { bcryptCost: 6 }],
  ['the cost is lowered', () => hashOfOurs(PASSWORD, 6), { bcryptCost: 4 }],
  ['a pepper is added', () => hashOfOurs(PASSWORD, 4), { peppers: [NEW_PEPPER] }],
  ['the pepper is replaced', () => hashOfOurs(PASSWORD, 4, OLD_PEPPER), { peppers: [NEW_PEPPER, OLD_PEPPER] }],
  ['the hash is another program’s', () => plainHash(PASSWORD, 4, 'a'), {}],
];

sharingApps(onEveryDatabase)('Parallel sign-ins with the right password', (start) => {
  async function startWith(
    stored: () => Promise<{ passwordHash: string; pepperId: string | null }>,
    auth: AuthModuleOptions,
  ): Promise<{ app: AuthApp; outdate: () => Promise<unknown>; hash: () => Promise<string | null> }> {
    const app = await start({
      session,
      auth: { maxSessionsPerUser: 0, freeFailures: 1_000, networkLimit: 0, hashWait: '25s', ...auth },
    });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const { users } = app.app.get(AuthStorage);
    return {
      app,
      outdate: async () => users.update(user.id, await stored()),
      hash: async () => (await users.findById(user.id))!.passwordHash,
    };
  }

  it.each(MOVES)('all succeed while %s', async (_, stored, auth) => {
    const { app, outdate, hash } = await startWith(stored, auth);
    await outdate();
    const before = await hash();
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, () => app.browser().post(LOGIN, { username: 'alice', password: PASSWORD })),
    );
    expect(answers.map(codeOf)).toEqual(Array.from({ length: PARALLEL }, () => undefined));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: PARALLEL }, () => 200));
    expect(await hash()).not.toBe(before);
    expect(await app.sessions.count()).toBe(PARALLEL);
  });

  it.each(MOVES)('leave a re-authentication and a password change as they are while %s', async (_, stored, auth) => {
    const { app, outdate } = await startWith(stored, auth);
    const client = await app.signedIn();
    const signIns = () =>
      Array.from({ length: 6 }, () => app.browser().post(LOGIN, { username: 'alice', password: PASSWORD }));
    await outdate();
    const [again, ...others] = await Promise.all([
      client.post('/auth/reauthenticate', { password: PASSWORD }),
      ...signIns(),
    ]);
    expect([again.status, ...others.map(({ status }) => status)]).toEqual([204, ...others.map(() => 200)]);
    await outdate();
    const [changed, ...rest] = await Promise.all([
      client.post('/auth/password', { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD }),
      ...signIns(),
    ]);
    expect([changed.status, codeOf(changed)]).toEqual([204, '']);
    // Those that were too late for the old password.
    for (const { status } of rest) expect([200, 401]).toContain(status);
    expect((await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD })).status).toBe(401);
    await app.signedIn('alice', OTHER_PASSWORD);
  });
});

sharingApps(onEveryDatabase)('A sign-in', (start) => {
  it('does not count where the password was changed while its hash was being moved', async () => {
    const app = await start({ auth: { bcryptCost: 5 } });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const { users } = app.app.get(AuthStorage);
    const update = users.update.bind(users);
    const attempts = [
      (client: BrowserClient) => client.post('/auth/reauthenticate', { password: PASSWORD }),
      () => app.browser().post(LOGIN, { username: 'alice', password: PASSWORD }),
    ];
    for (const attempt of attempts) {
      await app.users.setPassword(user.id, PASSWORD, {}, false);
      const client = await app.signedIn();
      await update(user.id, await hashOfOurs(PASSWORD, 4));
      users.update = async (...args) => {
        users.update = update;
        await app.users.setPassword(user.id, OTHER_PASSWORD);
        return update(...args);
      };
      const answer = await attempt(client);
      expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([401, 'invalid_credentials', []]);
    }
  });
});
