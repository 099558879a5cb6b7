import { expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import { OptionalAuth, Public } from 'nest-gatehouse/auth';
import { Session } from 'nest-gatehouse/session';
import { MINUTE, SECOND } from '../support/apps/fake-clock.js';
import type { Answer, BrowserClient } from '../support/browser/browser-client.js';
import { fieldsOf } from '../support/servers/administrator.js';
import { LOGIN, onEveryPlatform, OTHER_PASSWORD, PASSWORD, postForm, type StartAuthApp } from './support/auth-app.js';
import { sharingApps } from '../support/apps/combinations.js';

@Controller('things')
class ThingsController {
  @Get()
  own() {
    return {};
  }

  @Get('optional')
  @OptionalAuth()
  optional() {
    return {};
  }

  @Post('keep')
  @Public()
  keep(@Session() session: Session<{ cart: string }>) {
    session.cart = 'bread';
    return {};
  }
}

const PAGE = { accept: 'text/html' };
const handleOf = (client: BrowserClient) => client.cookies.get('sid')!.split('.')[0]!;
const clearedBy = (answer: Answer) => answer.headers.get('clear-site-data');
const CLEARED = '"cache", "storage"';

const withAlice = async (start: StartAuthApp, setup: Parameters<StartAuthApp>[0] = {}) => {
  const app = await start({ controllers: [ThingsController], ...setup });
  const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
  return { app, user };
};

sharingApps(onEveryPlatform)('What a browser keeps of a user', (start) => {
  it('goes with every answer by which the session ends here', async () => {
    const { app, user } = await withAlice(start);
    const logout = await app.signedIn();
    expect(clearedBy(await logout.post('/auth/logout'))).toBe(CLEARED);

    const [one, other] = [await app.signedIn(), await app.signedIn()];
    expect(clearedBy(await one.request('DELETE', `/auth/sessions/${handleOf(other)}`))).toBeNull();
    expect(clearedBy(await one.request('DELETE', `/auth/sessions/${handleOf(one)}`))).toBe(CLEARED);

    const form = await app.signedIn();
    const token = fieldsOf((await form.get('/account')).text, '/auth/logout');
    expect(clearedBy(await postForm(form, `/auth/sessions/${handleOf(form)}/end`, token))).toBe(CLEARED);

    const replaced = await app.signedIn();
    expect(clearedBy(await replaced.post(LOGIN, { username: 'alice', password: 'wrong' }))).toBeNull();
    expect(clearedBy(await replaced.post(LOGIN, { username: 'alice', password: PASSWORD }))).toBe(CLEARED);
    expect(clearedBy(await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD }))).toBeNull();

    const disabled = await app.signedIn();
    await app.users.disable(user.id);
    expect(clearedBy(await disabled.get('/things'))).toBe(CLEARED);
  });

  it('goes with the next answer where the session has ended elsewhere, or by itself', async () => {
    const { app } = await withAlice(start);
    const [client, other, third] = [await app.signedIn(), await app.signedIn(), await app.signedIn()];
    await client.post('/auth/password', { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD });
    const answer = await other.get('/auth/me');
    expect([answer.status, clearedBy(answer)]).toEqual([401, CLEARED]);
    const page = await third.get('/account', { headers: PAGE });
    expect([page.status, page.headers.get('location'), clearedBy(page)]).toEqual([
      303,
      '/login?next=%2Faccount',
      CLEARED,
    ]);
    app.clock.advance(31 * MINUTE);
    expect(clearedBy(await client.get('/things'))).toBe(CLEARED);
  });

  it('stays where nobody’s session has ended', async () => {
    const { app } = await withAlice(start);
    expect(clearedBy(await app.browser().get('/things'))).toBeNull();
    expect(clearedBy(await app.browser({ cookie: 'sid=nonsense' }).get('/things'))).toBeNull();
    const client = await app.signedIn();
    for (const path of ['/things', '/things/optional', '/account', '/account/sessions'])
      expect([path, clearedBy(await client.get(path))]).toEqual([path, null]);
    const visitor = app.browser();
    await visitor.post('/things/keep');
    app.clock.advance(31 * MINUTE);
    for (const path of ['/things/optional', '/login'])
      expect([path, clearedBy(await visitor.get(path))]).toEqual([path, null]);
  });

  it('is the application’s own affair where it says so', async () => {
    const { app } = await withAlice(start, { auth: { clearSiteData: false } });
    const client = await app.signedIn();
    expect(clearedBy(await client.post('/auth/logout'))).toBeNull();
    expect((await client.get('/auth/me')).status).toBe(401);
  });
});

sharingApps(onEveryPlatform)('A page that shows something of a user', (start) => {
  const PAGES = ['/account', '/account/sessions', '/account/password', '/reauthenticate', '/login'];

  it('is left by the browser when its session would be over', async () => {
    const { app } = await withAlice(start);
    const client = await app.signedIn();
    // Not so long that a request would move the idle end, and then so long.
    for (const wait of [30 * SECOND, 10 * MINUTE]) {
      app.clock.advance(wait);
      for (const path of PAGES) {
        const page = await client.get(`${path}?x=1`, { headers: PAGE });
        const next = encodeURIComponent(`${path}?x=1`);
        expect([page.status, page.headers.get('refresh')]).toEqual([200, `1800; url=/account/closed?next=${next}`]);
      }
    }
    const refused = await postForm(client, '/auth/reauthenticate', {
      ...fieldsOf((await client.get('/reauthenticate')).text, '/auth/reauthenticate'),
      password: 'wrong',
    });
    expect(refused.headers.get('refresh')).toBe('1800; url=/account/closed?next=%2Freauthenticate');
  });

  it('goes by the latest end where that comes first', async () => {
    const { app } = await withAlice(start, { session: { idleTimeout: '30m', absoluteTimeout: '40m' } });
    const client = await app.signedIn();
    app.clock.advance(25 * MINUTE);
    expect((await client.get('/account')).headers.get('refresh')).toMatch(/^900; /);
  });

  it('never goes where nobody is signed in', async () => {
    const { app } = await withAlice(start);
    expect((await app.browser(PAGE).get('/login')).headers.get('refresh')).toBeNull();
  });

  it('makes room for one that opens no session, so that it keeps none alive', async () => {
    const { app } = await withAlice(start);
    const client = await app.signedIn();
    const handle = handleOf(client);
    const before = await app.sessions.read(handle);
    app.clock.advance(20 * MINUTE);
    const closed = await client.get('/account/closed?next=%2Faccount', { headers: PAGE });
    expect([closed.status, closed.setCookies, closed.headers.get('refresh')]).toEqual([200, [], null]);
    expect(closed.text).toContain('href="/account"');
    expect(closed.text).not.toContain('alice');
    expect(await app.sessions.read(handle)).toEqual(before);
    expect((await client.get('/account/closed?next=%2F%2Fevil.example')).text).toContain('href="/"');
    app.clock.advance(11 * MINUTE);
    expect((await client.get('/auth/me')).status).toBe(401);
  });

  it('is where the application wants it', async () => {
    const { app } = await withAlice(start, { auth: { paths: { closed: '/put-away', account: '/me' } } });
    const client = await app.signedIn();
    expect((await client.get('/me')).headers.get('refresh')).toBe('1800; url=/put-away?next=%2Fme');
    expect((await client.get('/put-away')).status).toBe(200);
  });
});
