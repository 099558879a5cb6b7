import { expect, it } from '@jest/globals';
import { codeOf, LOGIN, onOnePlatform, PASSWORD } from './support/auth-app.js';
import { MINUTE, SECOND } from '../support/apps/fake-clock.js';
import { sharingApps } from '../support/apps/combinations.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

interface Listed {
  readonly items: readonly { readonly handle: string; readonly current: boolean; readonly device: string | null }[];
  readonly next: string | null;
}

sharingApps(onOnePlatform)('My sessions', (start) => {
  it('lists the user’s own sessions, newest first, in pages', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    await app.users.create({ username: 'bob', password: PASSWORD });
    await app.signedIn('bob');
    const first = app.browser({ 'user-agent': FIREFOX });
    await first.post(LOGIN, { username: 'alice', password: PASSWORD });
    app.clock.advance(SECOND);
    const second = app.browser({ 'user-agent': '<script>alert(1)</script>' });
    await second.post(LOGIN, { username: 'alice', password: PASSWORD });
    const answer = await second.get('/auth/sessions');
    expect(answer.json()).toEqual({
      items: [
        {
          handle: second.cookies.get('sid')!.split('.')[0],
          current: true,
          device: null,
          ip: '127.0.0.1',
          createdAt: '2040-01-01T00:00:01.000Z',
          lastSeenAt: '2040-01-01T00:00:01.000Z',
          expiresAt: '2040-01-01T00:30:01.000Z',
        },
        expect.objectContaining({
          handle: first.cookies.get('sid')!.split('.')[0],
          current: false,
          device: 'Firefox on Linux',
        }),
      ],
      next: null,
    });
    const page = (await second.get('/auth/sessions?limit=1')).json<Listed>();
    const rest = (await second.get(`/auth/sessions?limit=1&cursor=${page.next}`)).json<Listed>();
    expect([page.items[0]!.current, rest.items[0]!.current, rest.next]).toEqual([true, false, null]);
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'limit=1.5']) {
      expect(codeOf(await second.get(`/auth/sessions?${query}`))).toBe('limit_invalid');
    }
    expect(codeOf(await second.get('/auth/sessions?cursor=x'))).toBe('cursor_invalid');
  });

  it('ends one, which is nobody else’s', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    await app.users.create({ username: 'bob', password: PASSWORD });
    const [bob, other, client] = [await app.signedIn('bob'), await app.signedIn(), await app.signedIn()];
    const handleOf = (browser: typeof bob) => browser.cookies.get('sid')!.split('.')[0]!;
    for (const handle of [handleOf(bob), 'A'.repeat(22), '__proto__', '..%2f']) {
      const answer = await client.request('DELETE', `/auth/sessions/${handle}`);
      expect([handle, answer.status]).toEqual([handle, 404]);
    }
    expect((await bob.get('/auth/me')).status).toBe(200);
    expect((await client.request('DELETE', `/auth/sessions/${handleOf(other)}`)).status).toBe(204);
    expect((await other.get('/auth/me')).status).toBe(401);
    expect((await client.request('DELETE', `/auth/sessions/${handleOf(other)}`)).status).toBe(404);
    const own = await client.request('DELETE', `/auth/sessions/${handleOf(client)}`);
    expect([own.status, client.cookies.has('sid')]).toEqual([204, false]);
    expect((await client.get('/auth/me')).status).toBe(401);
  });

  it('ends all but this one', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const others = [await app.signedIn(), await app.signedIn(), await app.signedIn()];
    const client = await app.signedIn();
    expect((await client.request('DELETE', '/auth/sessions')).json()).toEqual({ ended: 3 });
    for (const other of others) expect((await other.get('/auth/me')).status).toBe(401);
    expect((await client.get('/auth/me')).status).toBe(200);
    expect((await client.request('DELETE', '/auth/sessions')).json()).toEqual({ ended: 0 });
    expect((await client.get('/auth/me')).status).toBe(200);
    await app.signedIn();
  });
});

sharingApps(onOnePlatform)('maxSessionsPerUser', (start) => {
  it('ends the oldest', async () => {
    const app = await start({ auth: { maxSessionsPerUser: 2 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const clients = [];
    for (let n = 0; n < 4; n++) {
      clients.push(await app.signedIn());
      app.clock.advance(SECOND);
    }
    const statuses = await Promise.all(clients.map(async (client) => (await client.get('/auth/me')).status));
    expect(statuses).toEqual([401, 401, 200, 200]);
    expect(app.audit.filter(({ detail }) => detail === 'limit')).toHaveLength(2);
  });

  it('counts the session that is replaced as none', async () => {
    const app = await start({ auth: { maxSessionsPerUser: 2 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const first = await app.signedIn();
    app.clock.advance(SECOND);
    const client = await app.signedIn();
    for (let n = 0; n < 3; n++)
      expect((await client.post(LOGIN, { username: 'alice', password: PASSWORD })).status).toBe(200);
    expect((await first.get('/auth/me')).status).toBe(200);
  });

  it('refuses where told, until there is room', async () => {
    const app = await start({ auth: { maxSessionsPerUser: 1, sessionLimitPolicy: 'refuse' } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    await app.signedIn();
    const refused = await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD });
    expect([refused.status, codeOf(refused), refused.setCookies]).toEqual([409, 'session_limit', []]);
    app.clock.advance(31 * MINUTE);
    await app.signedIn();
  });

  it('is exact under parallel logins', async () => {
    for (const sessionLimitPolicy of ['end-oldest', 'refuse'] as const) {
      const app = await start({ session: { lockWait: '60s' }, auth: { maxSessionsPerUser: 3, sessionLimitPolicy } });
      const username = `alice-${sessionLimitPolicy}`;
      const { user } = await app.users.create({ username, password: PASSWORD });
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => app.browser().post(LOGIN, { username, password: PASSWORD })),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(sessionLimitPolicy === 'refuse' ? 3 : 20);
      expect(await app.sessions.count({ userId: user.id })).toBe(3);
    }
  });
});
