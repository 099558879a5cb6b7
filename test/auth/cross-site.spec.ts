import { expect, it } from '@jest/globals';
import { All, Body, Controller, Get, Post } from '@nestjs/common';
import { Public, SkipCsrf } from 'nest-gatehouse/auth';
import { Session } from 'nest-gatehouse/session';
import { csrfToken } from 'nest-gatehouse/session/identity';
import { codeOf, LOGIN, onEveryPlatform, PASSWORD, postForm, type AuthApp } from './support/auth-app.js';
import { rawRequest } from './support/raw-request.js';
import { sharingApps } from '../support/apps/combinations.js';

@Controller('act')
class ActController {
  @All()
  act(@Body() body: object) {
    return { acted: true, ...body };
  }

  @Get('token')
  token(@Session() session: Session) {
    return { token: csrfToken(session) };
  }
}

@Public()
@Controller('hooks')
class HooksController {
  @Post(':name')
  @SkipCsrf()
  receive() {
    return { received: true };
  }

  @Post('inner/guarded')
  guarded() {
    return { received: true };
  }
}

/** What Express and Fastify applications have in common. */
interface RawServer {
  post(path: string, handler: (request: unknown, response: { send(body: string): void }) => void): void;
}

const controllers = [ActController, HooksController];

async function actAs(app: AuthApp, headers: Record<string, string>, method = 'POST') {
  const client = await app.signedIn();
  const cookie = `sid=${client.cookies.get('sid')}`;
  return rawRequest(`${app.url}/act`, {
    method,
    headers: { cookie, ...headers },
    body: method === 'GET' ? undefined : {},
  });
}

sharingApps(onEveryPlatform)('The cross-site rule', (start) => {
  it('goes by Fetch Metadata first, then by Origin, and takes a caller with neither for no browser', async () => {
    const app = await start({
      controllers,
      auth: { allowedOrigins: ['https://friend.example', 'capacitor://localhost'], maxSessionsPerUser: 0 },
    });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const host = new URL(app.url).host;
    const port = Number(new URL(app.url).port);
    const cases: [Record<string, string>, boolean][] = [
      [{}, true],
      [{ 'sec-fetch-site': 'same-origin' }, true],
      [{ 'sec-fetch-site': 'none' }, true],
      [{ 'sec-fetch-site': 'same-site' }, false],
      [{ 'sec-fetch-site': 'cross-site' }, false],
      [{ 'sec-fetch-site': 'Same-Origin' }, false],
      [{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, true],
      [{ 'sec-fetch-site': 'cross-site', origin: app.url }, false],
      [{ origin: app.url }, true],
      [{ origin: `https://${host}` }, false],
      [{ origin: `http://127.0.0.1:${port + 1}` }, false],
      [{ origin: 'http://127.0.0.1' }, false],
      [{ origin: `http://sub.${host}` }, false],
      [{ origin: 'null' }, false],
      [{ origin: 'https://friend.example', 'sec-fetch-site': 'cross-site' }, true],
      [{ origin: 'https://friend.example.evil.example' }, false],
      [{ origin: 'capacitor://localhost', 'sec-fetch-site': 'cross-site' }, true],
      [{ origin: 'ionic://localhost' }, false],
      [{ origin: 'capacitor://localhost.evil.example' }, false],
      [{ origin: 'https://evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }, false],
      [{ 'sec-fetch-site': 'cross-site', authorization: 'Bearer gh_abc_def' }, false],
    ];
    for (const [headers, passes] of cases) {
      const answer = await actAs(app, headers);
      expect([headers, answer.status, answer.code]).toEqual([
        headers,
        passes ? 200 : 403,
        passes ? undefined : 'cross_site',
      ]);
    }
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      expect((await actAs(app, { origin: 'https://evil.example' }, method)).status).toBe(403);
    expect((await actAs(app, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 'GET')).status).toBe(
      200,
    );
  });

  it('has nothing to hold off where the token travels by header alone', async () => {
    const app = await start({ controllers, session: { transport: 'header' } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const fromApp = { origin: 'capacitor://localhost', 'sec-fetch-site': 'cross-site' };
    const credentials = { username: 'alice', password: PASSWORD };
    const signedIn = await app.browser(fromApp).post('/auth/login', credentials);
    expect(signedIn.status).toBe(200);
    const token = signedIn.headers.get('x-session-token')!;
    const acts = { ...fromApp, 'x-session-token': token, 'content-type': 'application/x-www-form-urlencoded' };
    const answers = await Promise.all([
      app.browser(acts).request('POST', '/act', { body: 'a=b' }),
      app.browser({ ...fromApp, cookie: `sid=${token}` }).post('/act'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
  });

  it('holds for login and logout, for routes outside Nest, and where there is no route', async () => {
    const app = await start({
      controllers,
      prepare: (nest) => {
        const server = nest.getHttpAdapter().getInstance() as RawServer;
        server.post('/outside', (_request, response) => response.send('acted'));
      },
    });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const crossSite = { headers: { 'sec-fetch-site': 'cross-site' } };
    for (const path of [LOGIN, '/auth/logout', '/outside', '/nowhere', '/act/']) {
      const answer = await app.browser().request('POST', path, crossSite);
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 403, 'cross_site']);
    }
    expect((await app.browser().request('POST', '/outside')).text).toBe('acted');
    expect((await app.browser().request('POST', '/nowhere')).status).toBe(404);
  });

  it('leaves out handlers that say so, and no others', async () => {
    const app = await start({ controllers });
    const crossSite = { headers: { 'sec-fetch-site': 'cross-site' } };
    expect((await app.browser().request('POST', '/hooks/paid?x=1', crossSite)).json()).toEqual({ received: true });
    expect(codeOf(await app.browser().request('POST', '/hooks/inner/guarded', crossSite))).toBe('cross_site');
    expect(codeOf(await app.browser().request('POST', '/act', crossSite))).toBe('cross_site');
    expect(
      (await app.browser().request('POST', '/hooks/paid', { body: 'x', headers: { 'content-type': 'text/plain' } }))
        .status,
    ).not.toBe(403);
  });

  it('takes what a trusted proxy forwards for our own origin', async () => {
    const trust = (nest: {
      getHttpAdapter(): { getType(): string; getInstance(): { set(name: string, value: unknown): void } };
    }) => {
      if (nest.getHttpAdapter().getType() === 'express')
        nest.getHttpAdapter().getInstance().set('trust proxy', 'loopback');
    };
    const app = await start({ controllers, prepare: trust });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const forwarded = { 'x-forwarded-host': 'shop.example:8443', 'x-forwarded-proto': 'https' };
    const isTrusted = app.app.getHttpAdapter().getType() === 'express';
    expect((await actAs(app, { ...forwarded, origin: 'https://shop.example:8443' })).status).toBe(
      isTrusted ? 200 : 403,
    );
    expect((await actAs(app, { ...forwarded, origin: 'https://shop.example' })).status).toBe(403);
    expect((await actAs(app, { ...forwarded, origin: app.url })).status).toBe(isTrusted ? 403 : 200);
  });
});

sharingApps(onEveryPlatform)('A form on a signed-in session', (start) => {
  it('carries the token of its session', async () => {
    const app = await start({ controllers });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const other = await app.signedIn();
    const tokenOf = async (browser: typeof client) => (await browser.get('/act/token')).json<{ token: string }>().token;
    const token = await tokenOf(client);
    const wrong: Record<string, string>[] = [
      {},
      { _csrf: '' },
      { _csrf: 'x' },
      { _csrf: await tokenOf(other) },
      { csrf: token },
    ];
    for (const fields of wrong) expect(codeOf(await postForm(client, '/act', fields))).toBe('csrf_token');
    expect(codeOf(await postForm(client, `/act?_csrf=${token}`, {}))).toBe('csrf_token');
    expect((await postForm(client, '/act', { _csrf: token, a: '1' })).json()).toEqual({ acted: true, a: '1' });
    expect((await client.post('/act', { a: 1 })).status).toBe(200);
    expect(codeOf(await postForm(client, LOGIN, { username: 'alice', password: PASSWORD }))).toBe('csrf_token');
    expect((await postForm(client, LOGIN, { username: 'alice', password: PASSWORD, _csrf: token })).status).toBe(303);
    expect(await tokenOf(client)).not.toBe(token);
    expect(codeOf(await postForm(client, '/act', { _csrf: token }))).toBe('csrf_token');
  });

  it('is no plain text, and no upload without the token in a header', async () => {
    const app = await start({ controllers });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const cookie = `sid=${client.cookies.get('sid')}`;
    const text = await rawRequest(`${app.url}/act`, {
      headers: { cookie, 'content-type': 'text/plain' },
      body: '{"a":1}',
    });
    expect(text.status).toBe(415);
    const multipart = { cookie, 'content-type': 'multipart/form-data; boundary=x' };
    const upload = await rawRequest(`${app.url}/act`, { headers: multipart, body: '--x--\r\n' });
    expect([403, 415]).toContain(upload.status);
  });
});
