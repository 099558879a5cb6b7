import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { Browser, freePort, start } from '../../walk.mjs';

const FOREIGN = 'https://evil.example';
const ACCOUNT = { username: 'ann', password: 'four words of hers, at least' };
const stops = [];
let api;
let page;
let directory;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-spa-'));
  const [port, pagePort] = [await freePort(), await freePort()];
  [api, page] = [`http://localhost:${port}`, `http://localhost:${pagePort}`];
  stops.push(await start('page/server.mjs', pagePort, { API: api }));
  stops.push(await start('dist/main.js', port, { PAGE_ORIGINS: page, DATABASE: join(directory, 'spa.db') }));
  await new Browser(api).post('/accounts', ACCOUNT);
});

after(async () => {
  for (const stop of stops) await stop();
  await rm(directory, { recursive: true });
});

/** As a browser sends it from a page of this origin. */
const from = (origin, site) => ({ origin, 'sec-fetch-site': site, 'sec-fetch-mode': 'cors' });

it('lets its page ask, with credentials, and no other page', async () => {
  assert.match((await new Browser(page).get('/')).text, new RegExp(`fetch\\('${api}' \\+`));
  const preflight = (origin) =>
    new Browser(api).send('OPTIONS', '/notes', {
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
  const { headers } = await preflight(page);
  assert.equal(headers.get('access-control-allow-origin'), page);
  assert.equal(headers.get('access-control-allow-credentials'), 'true');
  assert.equal(headers.get('access-control-allow-headers'), 'content-type');
  assert.equal((await preflight(FOREIGN)).headers.get('access-control-allow-origin'), null);
});

it('signs in from its page, and refuses a page of another origin, cookie or not', async () => {
  const browser = new Browser(api);
  const ours = from(page, 'same-site');
  const signedIn = await browser.post('/auth/login', ACCOUNT, ours);
  assert.equal(signedIn.status, 200);
  assert.equal(signedIn.headers.get('access-control-allow-origin'), page);
  assert.match(signedIn.headers.getSetCookie()[0], /^sid=.*HttpOnly; SameSite=Lax/);
  assert.deepEqual((await browser.post('/notes', { text: 'milk' }, ours)).json(), ['milk']);

  for (const headers of [from(FOREIGN, 'cross-site'), { origin: FOREIGN }, from('http://localhost:1', 'same-site')]) {
    const refused = await browser.post('/notes', { text: 'poison' }, headers);
    assert.deepEqual([refused.status, refused.json().code], [403, 'cross_site']);
    assert.equal((await new Browser(api).post('/auth/login', ACCOUNT, headers)).status, 403);
  }
  assert.deepEqual((await browser.get('/notes', ours)).json(), ['milk']);
  assert.equal((await browser.post('/auth/logout', undefined, ours)).status, 204);
  assert.equal((await browser.get('/notes', ours)).status, 401);
});

it('gives a mobile app its token in a header, and no cookie', async () => {
  const app = new Browser(api);
  const signedIn = await app.post('/auth/login', ACCOUNT, { 'x-session-token': '' });
  const token = signedIn.headers.get('x-session-token');
  assert.deepEqual([signedIn.status, signedIn.headers.getSetCookie()], [200, []]);
  assert.equal((await app.post('/notes', { text: 'bread' }, { 'x-session-token': token })).status, 201);
  assert.equal((await app.get('/notes')).status, 401);
  assert.equal((await app.post('/auth/logout', undefined, { 'x-session-token': token })).status, 204);
  assert.equal((await app.get('/notes', { 'x-session-token': token })).status, 401);
});
