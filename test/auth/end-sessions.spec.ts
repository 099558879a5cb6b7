import { expect, it } from '@jest/globals';
import { fieldsOf } from '../support/servers/administrator.js';
import type { BrowserClient } from '../support/browser/browser-client.js';
import { MINUTE } from '../support/apps/fake-clock.js';
import { codeOf, onOnePlatform, PASSWORD, postForm, type AuthAppSetup, type StartAuthApp } from './support/auth-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const PAGE = { accept: 'text/html' };
const handleOf = (client: BrowserClient) => client.cookies.get('sid')!.split('.')[0]!;

const withAlice = async (start: StartAuthApp, auth: AuthAppSetup['auth']) => {
  const app = await start({ auth });
  const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
  const clients = [await app.signedIn(), await app.signedIn(), await app.signedIn()] as const;
  return { app, user, clients, live: () => app.sessions.count({ userId: user.id }) };
};

sharingApps(onOnePlatform)('endSessionsNeedRecentAuth', (start) => {
  it('asks for the password again before it ends a session elsewhere', async () => {
    const { app, user, clients, live } = await withAlice(start, { endSessionsNeedRecentAuth: '15m' });
    const [client, second] = clients;
    app.clock.advance(16 * MINUTE);
    const attempts = [
      ['DELETE', '/auth/sessions'],
      ['DELETE', `/auth/sessions/${handleOf(second)}`],
      ['POST', '/auth/sessions/end'],
      ['POST', `/auth/sessions/${handleOf(second)}/end`],
    ] as const;
    for (const [method, path] of attempts) {
      const refused = await client.request(method, path);
      expect([path, refused.status, codeOf(refused)]).toEqual([path, 401, 'recent_auth_required']);
      expect(refused.headers.get('www-authenticate')).toBe('Session realm="gatehouse"');
      expect(await live()).toBe(3);
    }
    const denials = app.audit.filter(({ type }) => type === 'access.recent_auth_required');
    expect(denials).toHaveLength(4);
    expect(denials[0]).toMatchObject({
      userId: user.id,
      handle: handleOf(client),
      ip: '127.0.0.1',
      detail: expect.stringContaining('MySessionsController'),
    });

    expect((await client.post('/auth/reauthenticate', { password: PASSWORD })).status).toBe(204);
    expect((await client.request('DELETE', `/auth/sessions/${handleOf(second)}`)).status).toBe(204);
    expect(await live()).toBe(2);
    expect((await client.request('DELETE', '/auth/sessions')).json()).toEqual({ ended: 1 });
    expect(await live()).toBe(1);
  });

  it('never asks who signs out here', async () => {
    const { app, clients, live } = await withAlice(start, { endSessionsNeedRecentAuth: '15m' });
    const [first, second, third] = clients;
    app.clock.advance(16 * MINUTE);
    expect((await first.request('DELETE', `/auth/sessions/${handleOf(first)}`)).status).toBe(204);
    expect((await second.post(`/auth/sessions/${handleOf(second)}/end`)).status).toBe(204);
    expect((await third.post('/auth/logout')).status).toBe(204);
    expect(await live()).toBe(0);
  });

  it('sends a form to the page that asks, and from there back to the list', async () => {
    const { app, clients, live } = await withAlice(start, { endSessionsNeedRecentAuth: '15m' });
    const [client, second] = clients;
    app.clock.advance(16 * MINUTE);
    const list = (await client.get('/account/sessions', { headers: PAGE })).text;
    for (const action of ['/auth/sessions/end', `/auth/sessions/${handleOf(second)}/end`]) {
      const sent = await postForm(client, action, fieldsOf(list, action), PAGE);
      expect([sent.status, sent.headers.get('location')]).toEqual([303, '/reauthenticate?next=%2Faccount%2Fsessions']);
      expect(await live()).toBe(3);
    }
    const asked = await client.get('/reauthenticate?next=%2Faccount%2Fsessions', { headers: PAGE });
    const fields = fieldsOf(asked.text, '/auth/reauthenticate');
    const confirmed = await postForm(client, '/auth/reauthenticate', { ...fields, password: PASSWORD }, PAGE);
    expect([confirmed.status, confirmed.headers.get('location')]).toEqual([303, '/account/sessions']);
    const again = (await client.get('/account/sessions', { headers: PAGE })).text;
    const ended = await postForm(client, '/auth/sessions/end', fieldsOf(again, '/auth/sessions/end'), PAGE);
    expect(ended.headers.get('location')).toBe('/account/sessions?done=others-ended');
    expect(await live()).toBe(1);
  });

  it('wants the token of the form before anything else, and a sign-in before that', async () => {
    const { app, clients } = await withAlice(start, { endSessionsNeedRecentAuth: '15m' });
    app.clock.advance(16 * MINUTE);
    expect((await postForm(clients[0], '/auth/sessions/end', {})).status).toBe(403);
    expect(codeOf(await app.browser().request('DELETE', '/auth/sessions'))).toBe('not_signed_in');
  });

  it('is not asked by default, however long ago the password was given', async () => {
    const { app, clients, live } = await withAlice(start, {});
    const [client, second] = clients;
    app.clock.advance(29 * MINUTE);
    expect((await client.request('DELETE', `/auth/sessions/${handleOf(second)}`)).status).toBe(204);
    expect((await client.request('DELETE', '/auth/sessions')).json()).toEqual({ ended: 1 });
    expect(await live()).toBe(1);
  });

  it('takes a session that nobody gave a password for as one that must', async () => {
    const { app, user } = await withAlice(start, { endSessionsNeedRecentAuth: '15m' });
    const { token } = await app.sessions.createForUser(user.id);
    const client = app.browser({ cookie: `sid=${token}` });
    expect(codeOf(await client.request('DELETE', '/auth/sessions'))).toBe('recent_auth_required');
  });

  it('is a duration above zero, or false', async () => {
    for (const wrong of ['soon', 0, -1, true, Number.NaN]) {
      const auth = { endSessionsNeedRecentAuth: wrong as '15m' };
      await expect(start({ auth })).rejects.toThrow('endSessionsNeedRecentAuth');
    }
  });

  it('without pages answers a form like everybody else', async () => {
    const { app, clients } = await withAlice(start, { endSessionsNeedRecentAuth: 900_000, pages: false });
    const [client] = clients;
    app.clock.advance(16 * MINUTE);
    expect((await client.post('/auth/sessions/end', {})).status).toBe(401);
  });
});
