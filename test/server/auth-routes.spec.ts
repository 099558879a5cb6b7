import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMINISTRATOR, fieldsOf, signInTo, startWithAdministrator } from '../support/servers/administrator.js';
import { BrowserClient } from '../support/browser/browser-client.js';
import { exchange } from '../support/browser/raw-http.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';

const PAGE = { accept: 'text/html' };

describe.each(['fastify', 'express'])('signing in to the reference server, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;

  beforeAll(async () => {
    server = await startWithAdministrator({ env: { HTTP_ADAPTER } });
  });

  afterAll(cleanUp);

  const visitor = (headers?: Record<string, string>) => new BrowserClient(server.url, headers);
  const form = (fields: Record<string, string>) => ({ body: new URLSearchParams(fields) });

  it('works with JSON', async () => {
    const client = visitor();
    const answer = await client.post('/auth/login', ADMINISTRATOR);
    expect(answer.json()).toMatchObject({ user: { username: 'ada', roles: ['admin'] }, session: { active: true } });
    expect((await client.get('/auth/me')).json()).toMatchObject({ user: { username: 'ada' } });
    const out = await client.post('/auth/logout');
    expect([out.status, out.headers.get('clear-site-data')]).toEqual([204, '"cache", "storage"']);
    expect((await client.get('/auth/me')).json()).toMatchObject({ status: 401, code: 'not_signed_in' });
  });

  it('sends a browser to the form and back to where it wanted to go', async () => {
    const client = visitor(PAGE);
    const asked = await client.get('/account/sessions?limit=5');
    expect([asked.status, asked.headers.get('location')]).toEqual([
      303,
      '/login?next=%2Faccount%2Fsessions%3Flimit%3D5',
    ]);
    const page = await client.get(asked.headers.get('location')!);
    const fields = fieldsOf(page.text, '/auth/login');
    expect(fields).toEqual({ next: '/account/sessions?limit=5' });
    const entered = await client.request('POST', '/auth/login', form({ ...fields, ...ADMINISTRATOR }));
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/account/sessions?limit=5']);
    expect((await client.get('/account/sessions')).text).toContain('This one');
  });

  it.each(['//evil.example', '/\\evil.example', 'https:evil.example', 'https://evil.example/', 'javascript:alert(1)'])(
    'never goes on to %s',
    async (next) => {
      const page = await visitor(PAGE).get(`/login?next=${encodeURIComponent(next)}`);
      expect(fieldsOf(page.text, '/auth/login')).toEqual({ next: '/' });
      const entered = await visitor().request('POST', '/auth/login', form({ ...ADMINISTRATOR, next }));
      expect(entered.headers.get('location')).toBe('/');
    },
  );

  it('shows the form again where it was refused', async () => {
    const fields = { username: '<b>ada</b>', password: 'wrong', remember: 'true', next: '/account' };
    const answer = await visitor().request('POST', '/auth/login', form(fields));
    expect(answer.status).toBe(401);
    expect(answer.text).toMatch(/role="alert">\s*<p>The username or the password is wrong/);
    expect(answer.text).toMatch(/value="&lt;b&gt;ada&lt;\/b&gt;"[^>]* aria-invalid="true" aria-describedby="problem"/);
    expect(answer.text).toMatch(/name="remember"[^>]* checked/);
    expect(fieldsOf(answer.text, '/auth/login')).toEqual({ next: '/account' });
    expect(answer.text).not.toContain('wrong"');
    expect(answer.setCookies).toEqual([]);
  });

  it('leaves no trace of a stranger who looks at the form', async () => {
    const page = await visitor(PAGE).get('/login');
    expect([page.status, page.setCookies, page.headers.get('cache-control')]).toEqual([200, [], 'no-store']);
    expect(page.text).toContain('autocomplete="username"');
    expect(page.text).toContain('autocomplete="current-password"');
  });

  it('wants the token of the session in every form', async () => {
    const client = await signInTo(server, PAGE);
    const home = await client.get('/');
    const without = await client.request('POST', '/api/code', form({ code: 'x' }));
    expect(without.status).toBe(403);
    const fields = fieldsOf(home.text, '/api/code');
    expect((await client.request('POST', '/api/code', form({ ...fields, code: 'x' }))).status).toBe(200);
    expect((await client.post('/api/code', { code: 'y' })).status).toBe(200);
  });

  it('is said on the home page', async () => {
    const strange = (await visitor().get('/')).text;
    expect(strange).toContain('<a href="/login">Sign in</a>');
    expect(strange).not.toContain('It lives in');
    const client = await signInTo(server);
    const home = await client.get('/');
    expect(home.text).toContain('Signed in as <b>ada</b>');
    expect(home.text).toContain('It lives in');
    const out = await client.request('POST', '/auth/logout', form(fieldsOf(home.text, '/auth/logout')));
    expect([out.status, out.headers.get('location')]).toEqual([303, '/']);
    expect((await client.get('/')).text).not.toContain('Signed in as');
  });

  it('leaves the description of the session as it was', async () => {
    const client = await signInTo(server);
    const session = (await client.get('/api/session')).json();
    expect(Object.keys(session).sort()).toEqual(
      [
        'absoluteExpiresAt',
        'active',
        'createdAt',
        'handle',
        'hits',
        'idleExpiresAt',
        'lastSeenAt',
        'persistent',
      ].sort(),
    );
  });

  it('shows who is signed in to administrators', async () => {
    const client = await signInTo(server, { ...PAGE, 'user-agent': '<script>alert(1)</script>' });
    const former = await client.get('/staff');
    expect([former.status, former.headers.get('location')]).toEqual([303, '/admin/sessions?state=signed-in']);
    const page = await client.get('/admin/sessions?state=signed-in');
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/<a href="\/admin\/sessions\/[\w-]+">ada<\/a>/);
    expect(page.text).not.toContain('<script>');
  });

  it('lets no other site read anything', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    for (const [method, path] of [
      ['GET', '/auth/me'],
      ['OPTIONS', '/auth/login'],
    ] as const) {
      const answer = await visitor().request(method, path, { headers });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    const forged = await visitor().post('/auth/login', ADMINISTRATOR, { headers });
    expect([forged.status, forged.setCookies]).toEqual([403, []]);
  });

  it('adds no line to the log that a stranger has written', async () => {
    const username = 'eve-5c1d\n{"level":30,"type":"login.ok","username":"ada"}\n';
    await visitor({ 'user-agent': '{"type":"login.ok"}' }).post('/auth/login', { username, password: 'x' });
    await server.waitFor(/unknown_user/);
    expect(server.stdout).not.toContain('eve-5c1d');
    expect(server.logLines.filter((line) => 'username' in line)).toEqual([]);
  });

  it('writes invisible bytes out, whatever a client sends', async () => {
    const line = 'evil\u009b31m\u0085\u00ad"type":"login.ok"';
    await exchange(
      server.url,
      Buffer.from(`GET /auth/me HTTP/1.1\r\nHost: x\r\nUser-Agent: ${line}\r\nConnection: close\r\n\r\n`, 'latin1'),
    );
    await server.waitFor(/access\.not_signed_in.*evil/);
    expect(server.logLines.find(({ userAgent }) => String(userAgent).startsWith('evil'))).toMatchObject({
      context: 'Audit',
      type: 'access.not_signed_in',
      ip: '127.0.0.1',
      userAgent: 'evil\\u009b31m\\u0085\\u00ad"type":"login.ok"',
      detail: 'AuthController.me',
    });
    expect(server.stdout).not.toMatch(/[\u0080-\u009f\u00ad]/);
  });

  it('is written down without secrets', async () => {
    const client = await signInTo(server);
    await visitor().post('/auth/login', { username: 'ada', password: 'wrong-91c4' });
    await server.waitFor(/"detail":"wrong_password"/);
    const lines = server.logLines.filter(({ context }) => context === 'Audit');
    expect(lines).toContainEqual(expect.objectContaining({ type: 'login.ok', ip: '127.0.0.1', detail: 'pwd' }));
    expect(lines).toContainEqual(expect.objectContaining({ type: 'login.failed', detail: 'wrong_password' }));
    const secrets = [ADMINISTRATOR.password, 'wrong-91c4', client.cookies.get('sid')!.split('.')[1]!];
    for (const secret of secrets) expect(server.stdout).not.toContain(secret);
  });

  it('goes by the same request id in the audit trail and in the log', async () => {
    const answer = await visitor().post('/auth/login', ADMINISTRATOR);
    const id = answer.headers.get('x-request-id')!;
    await server.waitFor(new RegExp(`"request":"${id}".*request completed`));
    const types = server.logLines.filter(({ request }) => request === id).map(({ type, msg }) => type ?? msg);
    expect(types).toEqual(expect.arrayContaining(['login.ok', 'request completed']));
  });
});

describe('the reference server', () => {
  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  it('has no pages where told, and the routes all the same', async () => {
    const server = await startWithAdministrator({ env: { AUTH_PAGES: 'false' } });
    const client = await signInTo(server, PAGE);
    for (const path of ['/login', '/account', '/admin', '/staff']) expect((await client.get(path)).status).toBe(404);
    expect((await new BrowserClient(server.url, PAGE).get('/auth/me')).status).toBe(401);
    expect((await client.get('/auth/me')).status).toBe(200);
    expect((await client.get('/')).text).not.toContain('/account');
  });

  it('slows guessing down as configured, and says so on the form', async () => {
    const server = await startWithAdministrator({ env: { LOGIN_FREE_FAILURES: '2', LOGIN_MAX_DELAY: '90s' } });
    const guess = () =>
      new BrowserClient(server.url).request('POST', '/auth/login', {
        body: new URLSearchParams({ username: 'ada', password: 'wrong' }),
      });
    expect([(await guess()).status, (await guess()).status]).toEqual([401, 401]);
    const slowed = await guess();
    expect([slowed.status, slowed.headers.get('retry-after')]).toEqual([429, '1']);
    expect(slowed.text).toContain('You can try again in 1 second.');
    await server.waitFor(/"type":"login\.throttled"/);
  });

  it('sums up, at the latest when it stops, what the audit trail has left out', async () => {
    const server = await startWithAdministrator({});
    for (let n = 0; n < 25; n++) await new BrowserClient(server.url).get('/auth/me');
    await server.kill('SIGTERM');
    const lines = server.logLines.filter(({ context }) => context === 'Audit');
    const written = lines.filter(({ type }) => type === 'access.not_signed_in').length;
    const leftOut = lines.filter(({ type }) => type === 'entries.left_out').map(({ detail }) => String(detail));
    for (const detail of leftOut) expect(detail).toMatch(/^access\.not_signed_in ×\d+ from 127\.0\.0\.1$/);
    const counts = leftOut.map((detail) => Number(/×(\d+)/.exec(detail)![1]));
    expect(counts.reduce((sum, count) => sum + count, written)).toBe(25);
    expect(written).toBeLessThan(25);
  });

  it('ends the oldest session of a user who has too many', async () => {
    const server = await startWithAdministrator({ env: { MAX_SESSIONS_PER_USER: '1' } });
    const first = await signInTo(server);
    await signInTo(server);
    expect((await first.get('/auth/me')).status).toBe(401);
  });
});

describe('the first administrator', () => {
  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  it('is asked for where there is no account, and is nobody by default', async () => {
    const server = await ReferenceServer.start({ inHost: true, env: { STORAGE: 'memory' } });
    await server.waitFor(/There is no account yet/);
    expect(server.logLines).toMatchObject([{ level: 40, msg: expect.stringContaining('There is no account yet') }]);
    for (const name of ['admin', 'administrator', 'root', 'gatehouse']) {
      const answer = await new BrowserClient(server.url).post('/auth/login', { username: name, password: name });
      expect(answer.status).toBe(401);
    }
  });

  it('need not change the password of the environment', async () => {
    const server = await startWithAdministrator();
    const me = await (await signInTo(server)).get('/auth/me');
    expect(me.json()).toMatchObject({ user: { roles: ['admin'], mustChangePassword: false } });
    expect(server.stdout).not.toContain('There is no account yet');
  });

  it('is refused at the start with a password that everybody tries', async () => {
    const env = { STORAGE: 'memory', GATEHOUSE_ADMIN_USER: 'ada', GATEHOUSE_ADMIN_PASSWORD: 'password' };
    const server = await ReferenceServer.launch({ env });
    expect(await server.exit).toMatchObject({ code: 1 });
    expect(server.stderr).toContain('GATEHOUSE_ADMIN_PASSWORD: must have at least 15 characters');
  });
});
