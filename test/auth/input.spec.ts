import { expect, it } from '@jest/globals';
import { codeOf, LOGIN, onEveryPlatform, PASSWORD, postForm } from './support/auth-app.js';
import { rawRequest } from './support/raw-request.js';
import { sharingApps } from '../support/apps/combinations.js';

const JSON_TYPE = { 'content-type': 'application/json' };

function deep(levels: number): unknown {
  let value: unknown = 'x';
  for (let n = 0; n < levels; n++) value = { a: value };
  return value;
}

sharingApps(onEveryPlatform)('Input', (start) => {
  it('of any kind is refused fast, stores nothing, and leaves the server well', async () => {
    const app = await start({ auth: { networkLimit: 0 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const bodies: unknown[] = [
      {},
      [],
      null,
      'text',
      { username: 'alice' },
      { password: PASSWORD },
      { username: { $ne: null }, password: { $ne: null } },
      { username: ['alice'], password: [PASSWORD] },
      { username: 'alice', password: 0 },
      { username: 'alice', password: null },
      { username: null, password: PASSWORD },
      { username: 'alice', password: PASSWORD, role: 'admin' },
      { username: 'alice', password: PASSWORD, remember: 'perhaps' },
      { username: 'x'.repeat(50_000), password: 'y'.repeat(40_000) },
      { username: 'alice', password: deep(500) },
      Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, n])),
    ];
    const texts = [
      '{"username":"alice","password":"hunter2',
      '{"__proto__":{"password":"x"},"username":"alice"}',
      '"',
      '{"a":1}}',
      '\ufeff{}',
    ];
    const all = [...bodies.map((body) => JSON.stringify(body)), ...texts];
    for (const body of all) {
      const answer = await rawRequest(app.url + LOGIN, { headers: JSON_TYPE, body });
      expect([400, 401, 413, 415, 429]).toContain(answer.status);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.text.length).toBeLessThan(2_000);
    }
    expect(await app.sessions.count()).toBe(0);
    expect(
      (await rawRequest(app.url + LOGIN, { headers: { 'content-type': 'application/xml' }, body: '<a/>' })).status,
    ).toBeLessThan(500);
  });

  it('names what is missing or wrong, and repeats nothing that was sent', async () => {
    const app = await start();
    const refusals: [unknown, string][] = [
      [{}, 'username_missing'],
      [{ username: 'alice' }, 'password_missing'],
      [{ username: 'alice', password: 'x', remember: 7 }, 'remember_invalid'],
      [{ username: 'alice', password: 'x', 'hunter2-is-my-password': 1 }, 'body_invalid'],
    ];
    for (const [body, code] of refusals) {
      const answer = await app.browser().post(LOGIN, body);
      expect([answer.status, codeOf(answer)]).toEqual([400, code]);
      expect(answer.json().errors).not.toHaveLength(0);
      expect(answer.text).not.toContain('hunter2');
    }
  });

  it('from the query string is no credential', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const query = `?username=alice&password=${encodeURIComponent(PASSWORD)}`;
    for (const body of [
      {},
      { username: 'alice' },
      { username: '', password: '' },
      { username: 'alice', password: '' },
    ]) {
      const answer = await app.browser().post(LOGIN + query, body);
      expect([400, 401]).toContain(answer.status);
      expect(answer.setCookies).toEqual([]);
    }
    expect([400, 401]).toContain((await postForm(app.browser(), LOGIN + query, {})).status);
    expect(await app.sessions.count()).toBe(0);
  });

  it('of a password change is checked as strictly', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const refusals: [unknown, number, string][] = [
      [{ currentPassword: PASSWORD }, 400, 'new_password_missing'],
      [{ currentPassword: PASSWORD, newPassword: 7 }, 400, 'new_password_invalid'],
      [{ newPassword: PASSWORD }, 400, 'current_password_missing'],
      [{ currentPassword: { $gt: '' }, newPassword: 'a long enough new one' }, 401, 'invalid_credentials'],
      [{ currentPassword: PASSWORD, newPassword: 'a long enough new one', roles: ['admin'] }, 400, 'body_invalid'],
    ];
    for (const [body, status, code] of refusals) {
      const answer = await client.post('/auth/password', body);
      expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    }
  });

  it('without a cookie, or with a malformed one, is anonymous and stores nothing', async () => {
    const app = await start();
    for (const token of [
      '',
      'x',
      '__proto__',
      '../../etc',
      'j:{}',
      'a'.repeat(5_000),
      `${'A'.repeat(22)}.${'%41'.repeat(14)}A`,
    ]) {
      const answer = await rawRequest(`${app.url}/auth/me`, { method: 'GET', headers: { cookie: `sid=${token}` } });
      expect([answer.status, answer.code, answer.headers['set-cookie']]).toEqual([401, 'not_signed_in', undefined]);
    }
    expect(await app.sessions.count()).toBe(0);
  });
});
