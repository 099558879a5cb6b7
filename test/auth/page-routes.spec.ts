import { expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { Public, RequireRecentAuth } from 'nest-gatehouse/auth';
import { type AuthPage, type AuthPageContext, AuthPages, TemplatePages } from 'nest-gatehouse/auth/http';
import { fieldsOf } from '../support/servers/administrator.js';
import { OTHER_PASSWORD, PASSWORD, onEveryPlatform, postForm, type StartAuthApp } from './support/auth-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const PAGE = { accept: 'text/html' };
const MARKUP = '<img src=x onerror=alert(1)>';

@Controller('vault')
class VaultController {
  @Get()
  @RequireRecentAuth('5m')
  open() {
    return { open: true };
  }

  @Get('door')
  @Public()
  door() {
    return { open: false };
  }
}

class OwnLoginPage extends TemplatePages {
  override render(page: AuthPage, context: AuthPageContext): string {
    return page.name === 'login' ? `own page, next ${page.next}` : super.render(page, context);
  }
}

@Module({ providers: [{ provide: AuthPages, useClass: OwnLoginPage }], exports: [AuthPages] })
class OwnPagesModule {}

const withAlice = async (start: StartAuthApp, setup: Parameters<StartAuthApp>[0] = {}) => {
  const app = await start(setup);
  await app.users.create({ username: 'alice', password: PASSWORD });
  return app;
};

sharingApps(onEveryPlatform)('The pages', (start) => {
  it('carry a policy of their own, and are kept by no cache', async () => {
    const app = await withAlice(start);
    for (const [client, path] of [
      [app.browser(PAGE), '/login'],
      [await app.signedIn(), '/account'],
    ] as const) {
      const answer = await client.get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'/);
      expect(answer.headers.get('referrer-policy')).toBe('same-origin');
      expect(answer.text).not.toMatch(/<script| style=|<style| on\w+=/);
    }
  });

  it('load a stylesheet that a browser may keep', async () => {
    const app = await withAlice(start);
    const page = await app.browser(PAGE).get('/login');
    const urls = page.text.match(/\/auth\/assets\/[\w.]+\?v=[\w-]+/g) ?? [];
    expect(urls).toHaveLength(3);
    for (const url of urls) {
      const asset = await app.browser().get(url);
      expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
      const known = { headers: { 'if-none-match': asset.headers.get('etag')! } };
      const again = await app.browser().get(url.split('?')[0]!, known);
      expect([again.status, again.text, again.headers.get('cache-control')]).toEqual([304, '', 'no-cache']);
    }
    expect((await app.browser().get('/auth/assets/none.css')).status).toBe(404);
  });

  it('print what strangers have typed as text', async () => {
    const app = await withAlice(start);
    await app.users.create({ username: MARKUP, password: PASSWORD, roles: ['admin'] });
    const client = app.browser({ 'user-agent': MARKUP });
    const refused = await postForm(client, '/auth/login', { username: MARKUP, password: 'x', next: `/"${MARKUP}` });
    expect(refused.text).toContain('&lt;img');
    expect(refused.text).not.toContain('<img');
    await client.post('/auth/login', { username: MARKUP, password: PASSWORD });
    for (const path of ['/account', '/account/sessions', '/account/password', '/reauthenticate', '/login']) {
      const page = await client.get(path, { headers: PAGE });
      expect([path, page.status]).toEqual([path, 200]);
      expect(page.text).not.toContain('<img');
    }
  });

  it('ask for the password again, and go on to where that was needed', async () => {
    const app = await withAlice(start, { controllers: [VaultController] });
    const client = await app.signedIn();
    app.clock.advance(6 * 60_000);
    const asked = await client.get('/vault', { headers: PAGE });
    expect([asked.status, asked.headers.get('location')]).toEqual([303, '/reauthenticate?next=%2Fvault']);
    const fields = fieldsOf((await client.get(asked.headers.get('location')!)).text, '/auth/reauthenticate');
    expect(fields).toEqual({ _csrf: expect.any(String), next: '/vault' });
    const wrong = await postForm(client, '/auth/reauthenticate', { ...fields, password: 'wrong' });
    expect([wrong.status, wrong.text.includes('role="alert"')]).toEqual([401, true]);
    const answer = await postForm(client, '/auth/reauthenticate', { ...fields, password: PASSWORD });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/vault']);
    expect((await client.get('/vault', { headers: PAGE })).json()).toEqual({ open: true });
  });

  it('let a password that must change be changed, and nothing else', async () => {
    const app = await start();
    const { oneTimePassword } = await app.users.create({ username: 'bob' });
    const client = await app.signedIn('bob', oneTimePassword);
    const sent = await client.get('/account/sessions', { headers: PAGE });
    expect(sent.headers.get('location')).toBe('/account/password?next=%2Faccount%2Fsessions');
    const page = await client.get(sent.headers.get('location')!);
    expect(page.text).toContain('Choose a password');
    const fields = fieldsOf(page.text, '/auth/password');
    const form = { ...fields, currentPassword: oneTimePassword!, newPassword: OTHER_PASSWORD };
    expect((await postForm(client, '/auth/password', form)).headers.get('location')).toBe('/account/sessions');
    expect((await client.get('/account/sessions')).status).toBe(200);
  });

  it('never call a password old', async () => {
    const app = await withAlice(start);
    app.clock.advance(3 * 365 * 86_400_000);
    const client = await app.signedIn();
    expect((await client.get('/account')).text).toContain('It never runs out.');
    expect((await client.get('/auth/me')).json()).toMatchObject({ user: { mustChangePassword: false } });
  });

  it('end sessions by forms', async () => {
    const app = await withAlice(start);
    const [client, second, third] = [await app.signedIn(), await app.signedIn(), await app.signedIn()];
    const handle = second.cookies.get('sid')!.split('.')[0]!;
    const page = await client.get('/account/sessions');
    const action = `/auth/sessions/${handle}/end`;
    expect((await postForm(client, action, {})).status).toBe(403);
    const ended = await postForm(client, action, fieldsOf(page.text, action));
    expect([ended.status, ended.headers.get('location')]).toEqual([303, '/account/sessions?done=session-ended']);
    expect((await second.get('/auth/me')).status).toBe(401);
    const others = await postForm(client, '/auth/sessions/end', fieldsOf(page.text, '/auth/sessions/end'));
    expect(others.headers.get('location')).toBe('/account/sessions?done=others-ended');
    expect((await third.get('/auth/me')).status).toBe(401);
    expect((await client.post('/auth/sessions/none/end')).json()).toMatchObject({ code: 'session_not_found' });
    expect((await client.post('/auth/sessions/end')).json()).toEqual({ ended: 0 });
  });

  it('return to no address that would fill the headers of an answer', async () => {
    const app = await withAlice(start);
    const long = `/account?x=${'%F0%9F%99%82'.repeat(700)}`;
    expect((await app.browser(PAGE).get(long)).headers.get('location')).toBe('/login');
    const alice = await app.signedIn();
    const page = await alice.get(long, { headers: PAGE });
    expect([page.status, page.headers.get('refresh')]).toEqual([
      200,
      expect.stringMatching(/^\d+; url=\/account\/closed$/),
    ]);
  });

  it('are where the application wants them, under its name', async () => {
    const paths = { login: '/enter', account: '/me' };
    const app = await withAlice(start, { auth: { paths, prefix: 'identity', appName: 'Acme' } });
    expect((await app.browser(PAGE).get('/me')).headers.get('location')).toBe('/enter?next=%2Fme');
    const page = await app.browser(PAGE).get('/enter');
    expect(page.text).toContain('<title>Sign in · Acme</title>');
    expect(page.text).toContain('action="/identity/login"');
    expect((await app.browser(PAGE).get('/login')).status).toBe(404);
  });

  it('can be replaced one by one', async () => {
    const app = await withAlice(start, { auth: { imports: [OwnPagesModule] } });
    expect((await app.browser(PAGE).get('/login?next=/account')).text).toBe('own page, next /account');
    expect((await (await app.signedIn()).get('/account')).text).toContain('Your account');
  });

  it('can be left out', async () => {
    const app = await withAlice(start, { auth: { pages: false }, controllers: [VaultController] });
    expect((await app.browser(PAGE).get('/login')).status).toBe(404);
    expect((await app.browser(PAGE).get('/vault')).status).toBe(401);
    const refused = await postForm(app.browser(), '/auth/login', { username: 'alice', password: 'wrong' });
    expect([refused.status, refused.json().code]).toEqual([401, 'invalid_credentials']);
  });
});
