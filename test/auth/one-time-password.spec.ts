import { expect, it } from '@jest/globals';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { codeOf, LOGIN, onOnePlatform, OTHER_PASSWORD, PASSWORD, type AuthApp } from './support/auth-app.js';
import { rawRequest } from './support/raw-request.js';
import { HOUR, MINUTE } from '../support/apps/fake-clock.js';
import { sharingApps } from '../support/apps/combinations.js';

const session = { lockWait: '25s' } as const;
const CHANGE = '/auth/password';

async function withOneTimePassword(app: AuthApp): Promise<{ id: string; password: string }> {
  const { user, oneTimePassword } = await app.users.create({ username: 'alice' });
  return { id: user.id, password: oneTimePassword! };
}

const login = (app: AuthApp, password: string) => app.browser().post(LOGIN, { username: 'alice', password });

sharingApps(onOnePlatform)('A one-time password', (start) => {
  it('signs in once, and is the current password at the change in that session alone', async () => {
    const app = await start();
    const { password } = await withOneTimePassword(app);
    const client = await app.signedIn('alice', password);
    const again = await login(app, password);
    expect([again.status, codeOf(again), again.setCookies]).toEqual([401, 'invalid_credentials', []]);
    expect((await client.get('/auth/me')).json<{ user: object }>().user).toMatchObject({ mustChangePassword: true });
    const wrong = await client.post(CHANGE, { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD });
    expect([wrong.status, codeOf(wrong)]).toEqual([401, 'invalid_credentials']);
    const same = await client.post(CHANGE, { currentPassword: password, newPassword: password });
    expect([same.status, codeOf(same)]).toEqual([422, 'password_rejected']);
    const changed = await client.post(CHANGE, { currentPassword: password, newPassword: OTHER_PASSWORD });
    expect(changed.status).toBe(204);
    expect((await client.get('/auth/me')).json<{ user: object }>().user).toMatchObject({ mustChangePassword: false });
    for (let round = 0; round < 2; round++) await app.signedIn('alice', OTHER_PASSWORD);
    expect((await login(app, password)).status).toBe(401);
  });

  it('is worthless once that session has ended, until there is another', async () => {
    const app = await start();
    const { id, password } = await withOneTimePassword(app);
    const client = await app.signedIn('alice', password);
    await client.post('/auth/logout');
    expect((await login(app, password)).status).toBe(401);
    const another = await app.users.setOneTimePassword(id);
    expect((await login(app, password)).status).toBe(401);
    await app.signedIn('alice', another);
    expect((await login(app, another)).status).toBe(401);
    await app.users.setPassword(id, OTHER_PASSWORD);
    for (let round = 0; round < 2; round++) await app.signedIn('alice', OTHER_PASSWORD);
  });

  it('lets one of 20 parallel sign-ins through', async () => {
    const app = await start({
      session,
      auth: { hashWait: '25s', freeFailures: 1_000, networkLimit: 0, maxSessionsPerUser: 0 },
    });
    const { id, password } = await withOneTimePassword(app);
    const answers = await Promise.all(Array.from({ length: 20 }, () => login(app, password)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => codeOf(answer) === 'invalid_credentials')).toHaveLength(19);
    expect(await app.sessions.count({ userId: id })).toBe(1);
  });

  it('is refused after its first sign-in as a wrong one is, and counted', async () => {
    const app = await start();
    const { password } = await withOneTimePassword(app);
    await app.signedIn('alice', password);
    const { users } = app.app.get(AuthStorage);
    // As a stranger.
    await users.update((await app.users.find('alice'))!.id, { knownNetworks: [] });
    const [used, wrong] = [
      await rawRequest(app.url + LOGIN, { body: { username: 'alice', password } }),
      await rawRequest(app.url + LOGIN, { body: { username: 'alice', password: PASSWORD } }),
    ];
    expect({ ...used, headers: { ...used.headers, date: '' } }).toEqual({
      ...wrong,
      headers: { ...wrong.headers, date: '' },
    });
    for (let n = 2; n < 5; n++) expect((await login(app, password)).status).toBe(401);
    expect((await login(app, password)).status).toBe(429);
    expect(app.audit.filter(({ type }) => type === 'login.failed').map(({ detail }) => detail)).toEqual(
      Array.from({ length: 5 }, () => 'one_time_used'),
    );
  });

  it('expires after 72 hours unless told otherwise, for the change as well', async () => {
    const app = await start({ auth: { remember: { idleTimeout: '10d' } } });
    const { id, password } = await withOneTimePassword(app);
    app.clock.advance(72 * HOUR);
    expect((await login(app, password)).status).toBe(401);
    const another = await app.users.setOneTimePassword(id);
    app.clock.advance(72 * HOUR - MINUTE);
    const client = app.browser();
    expect((await client.post(LOGIN, { username: 'alice', password: another, remember: true })).status).toBe(200);
    app.clock.advance(MINUTE);
    const late = await client.post(CHANGE, { currentPassword: another, newPassword: OTHER_PASSWORD });
    expect([late.status, codeOf(late)]).toEqual([401, 'invalid_credentials']);
    expect(app.audit.filter(({ type }) => type === 'login.failed')).toMatchObject([
      { detail: 'one_time_expired' },
      { detail: 'one_time_expired at a password change' },
    ]);

    const hasty = await start({ auth: { oneTimePasswordTtl: '10m' } });
    const { user, oneTimePassword } = await hasty.users.create({ username: 'bob' });
    hasty.clock.advance(10 * MINUTE);
    const refused = await hasty.browser().post(LOGIN, { username: 'bob', password: oneTimePassword });
    expect([refused.status, user.mustChangePassword]).toEqual([401, true]);
  });

  it('is drawn evenly from 32 letters and digits, and is as long as passwords must be', async () => {
    const app = await start({ auth: { password: { minLength: 64 } } });
    const { password, id } = await withOneTimePassword(app);
    expect(password.length).toBeGreaterThanOrEqual(64);
    const letters = new Set<string>();
    for (let n = 0; n < 20; n++) for (const letter of await app.users.setOneTimePassword(id)) letters.add(letter);
    expect([...letters].sort().join('')).toBe('-23456789abcdefghijkmnpqrstuvwxyz');
  });
});
