import { expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { type AuthPage, type AuthPageContext, AuthPages } from 'nest-gatehouse/auth/http';
import { Session } from 'nest-gatehouse/session';
import { csrfToken } from 'nest-gatehouse/session/identity';
import { codeOf, LOGIN, onEveryPlatform, OTHER_PASSWORD, PASSWORD, postForm } from './support/auth-app.js';
import { sharingApps } from '../support/apps/combinations.js';

class PlainPages extends AuthPages {
  override render(page: AuthPage, context: AuthPageContext): string {
    return JSON.stringify({ page, ...context });
  }
}

@Module({ providers: [{ provide: AuthPages, useClass: PlainPages }], exports: [AuthPages] })
class PlainPagesModule {}

@Controller('token')
class TokenController {
  @Get()
  token(@Session() session: Session) {
    return { token: csrfToken(session) };
  }
}

const setup = { controllers: [TokenController], auth: { imports: [PlainPagesModule], freeFailures: 2 } };

sharingApps(onEveryPlatform)('A refused form', (start) => {
  it('is the login page again, with the same status', async () => {
    const app = await start(setup);
    await app.users.create({ username: 'alice', password: PASSWORD });
    const fields = { username: 'alice', password: 'wrong', remember: 'on', next: '/account' };
    const answer = await postForm(app.browser(), LOGIN, fields);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      401,
      'text/html; charset=utf-8',
      'no-store',
    ]);
    expect(answer.json()).toMatchObject({
      page: { name: 'login', username: 'alice', remember: true, next: '/account' },
      problem: { code: 'invalid_credentials', status: 401 },
      retryAfter: null,
      csrfToken: null,
      user: null,
    });
    expect(answer.text).not.toContain('wrong"');
    await postForm(app.browser(), LOGIN, fields);
    const throttled = await postForm(app.browser(), LOGIN, fields);
    expect([throttled.status, throttled.headers.get('retry-after'), throttled.json().retryAfter]).toEqual([
      429,
      '1',
      1,
    ]);
    expect((await postForm(app.browser(), LOGIN, { username: 'alice' })).status).toBe(400);
    expect(codeOf(await app.browser().post(LOGIN, fields))).toBe('too_many_attempts');
  });

  it('is the page of the password, with the token for the next try', async () => {
    const app = await start(setup);
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const { token } = (await client.get('/token')).json<{ token: string }>();
    const refused = await postForm(client, '/auth/password', {
      currentPassword: PASSWORD,
      newPassword: 'short',
      _csrf: token,
    });
    expect(refused.status).toBe(422);
    expect(refused.json()).toMatchObject({
      page: { name: 'password' },
      problem: { code: 'password_rejected' },
      csrfToken: token,
      user: { username: 'alice' },
    });
    const wrong = await postForm(client, '/auth/reauthenticate', { password: 'wrong', next: '/token', _csrf: token });
    expect([wrong.status, wrong.json().page]).toEqual([401, { name: 'reauthenticate', next: '/token' }]);
    const again = await postForm(client, '/auth/reauthenticate', { password: PASSWORD, next: '/token', _csrf: token });
    expect([again.status, again.headers.get('location')]).toEqual([303, '/token']);
    const fresh = (await client.get('/token')).json<{ token: string }>().token;
    const changed = await postForm(client, '/auth/password', {
      currentPassword: PASSWORD,
      newPassword: OTHER_PASSWORD,
      _csrf: fresh,
    });
    expect([changed.status, changed.headers.get('location'), changed.text]).toEqual([303, '/account', '']);
  });
});

sharingApps(onEveryPlatform)('AuthModule', (start) => {
  it('has its routes where told', async () => {
    const app = await start({ auth: { prefix: 'api/identity' } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = app.browser();
    expect((await client.post('/api/identity/login', { username: 'alice', password: PASSWORD })).status).toBe(200);
    expect((await client.get('/api/identity/sessions')).json<{ items: unknown[] }>().items).toHaveLength(1);
    expect((await client.get('/auth/me')).status).toBe(404);
  });
});
