import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMINISTRATOR, fieldsOf, signInTo, startWithAdministrator } from '../support/servers/administrator.js';
import { BrowserClient, type Answer } from '../support/browser/browser-client.js';
import { routesOf } from '../support/servers/described-routes.js';
import { cleanUp, type ReferenceServer } from '../support/servers/reference-server.js';

const PAGE = { accept: 'text/html' };
const LOGOUT = '/auth/logout';

const isPage = (answer: Answer) => answer.headers.get('content-type')?.startsWith('text/html') ?? false;

describe.each(['fastify', 'express'])('signing out, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;

  beforeAll(async () => {
    server = await startWithAdministrator({ env: { HTTP_ADAPTER, SESSION_MAX_DATA_BYTES: '1kb' } });
  });

  afterAll(cleanUp);

  const post = (client: BrowserClient, path: string, fields: Record<string, string>) =>
    client.request('POST', path, { body: new URLSearchParams(fields), headers: PAGE });

  /** Uses the button of this page, as a browser without script would. */
  async function expectWayOut(client: BrowserClient, page: Answer, where: string): Promise<void> {
    const fields = fieldsOf(page.text, LOGOUT);
    expect([where, page.text.includes('>Sign out</button>'), Object.keys(fields)]).toEqual([where, true, ['_csrf']]);
    const out = await post(client, LOGOUT, fields);
    expect([where, out.status]).toEqual([where, 303]);
    expect((await client.get('/auth/me', { headers: { accept: 'application/json' } })).status).toBe(401);
  }

  it('is one button away on every page that a user gets', async () => {
    const paths = (await routesOf(server)).filter(({ method }) => method === 'GET').map(({ path }) => path);
    const pages: string[] = [];
    for (const path of [...paths, '/none', '/account/none']) {
      const client = await signInTo(server, PAGE);
      const page = await client.get(path);
      // Below these are files, and what is for programs; that page opens no session: nobody is looked up there, and
      // nothing shown.
      if (!isPage(page) || /\/assets\/|^\/sessman\//.test(path) || path === '/account/closed') continue;
      pages.push(path);
      await expectWayOut(client, page, path);
    }
    expect(pages).toEqual(
      expect.arrayContaining([
        '/',
        '/account',
        '/account/password',
        '/account/sessions',
        '/docs',
        '/login',
        '/none',
        '/admin',
        '/reauthenticate',
      ]),
    );
  });

  const refused: [string, number, string, Record<string, string>][] = [
    ['a sign-in as somebody else', 401, '/auth/login', { username: 'eve', password: 'wrong' }],
    ['a password that is none', 422, '/auth/password', { currentPassword: ADMINISTRATOR.password, newPassword: 'x' }],
    ['a wrong password', 401, '/auth/reauthenticate', { password: 'wrong' }],
    ['a field that is missing', 400, '/api/code', {}],
    ['more than a session holds', 413, '/api/code', { code: 'x'.repeat(2_000) }],
    ['a method that is none', 405, '/', {}],
  ];

  it.each(refused)('is one button away after %s was refused', async (_what, status, path, fields) => {
    const client = await signInTo(server, PAGE);
    const token = fieldsOf((await client.get('/')).text, LOGOUT);
    const page = await post(client, path, { ...token, ...fields });
    expect([page.status, isPage(page)]).toEqual([status, true]);
    await expectWayOut(client, page, path);
  });

  it('is offered to nobody who is not signed in', async () => {
    const visitor = new BrowserClient(server.url, PAGE);
    await post(visitor, '/api/code', { code: 'x' });
    for (const path of ['/', '/docs', '/login', '/none']) {
      const page = await visitor.get(path);
      expect([path, isPage(page), page.text.includes('Sign out')]).toEqual([path, true, false]);
    }
  });
});
