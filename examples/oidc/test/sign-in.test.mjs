import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { Browser, freePort, start } from '../../walk.mjs';

const stops = [];
let home;
let directory;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-oidc-'));
  const [port, providerPort] = [await freePort(), await freePort()];
  home = `http://localhost:${port}`;
  const shared = { PUBLIC_URL: home, ISSUER: `http://localhost:${providerPort}` };
  stops.push(await start('provider.mjs', providerPort, shared));
  stops.push(await start('dist/main.js', port, { ...shared, DATABASE: join(directory, 'oidc.db') }));
});

after(async () => {
  for (const stop of stops.reverse()) await stop();
  await rm(directory, { recursive: true });
});

it('signs in at the identity provider, in a new session, and out again at both', async () => {
  const browser = new Browser(home);
  const callback = await signInAtProvider(browser, 'ann');
  const before = browser.cookie();
  const { status, headers } = await browser.get(callback);
  assert.deepEqual([status, headers.get('location')], [302, '/']);
  const signedIn = browser.cookie();
  assert.notEqual(signedIn.split('.')[0], before.split('.')[0]);
  const me = (await browser.get('/auth/me')).json();
  assert.deepEqual([me.user.id, me.user.username], ['acme:ann', 'ann@example.com']);
  assert.equal((await new Browser(home).get('/auth/me', { cookie: before })).status, 401);

  const page = await browser.get('/');
  const out = await browser.postForm('/oidc/logout', { _csrf: /name="_csrf" value="([^"]+)"/.exec(page.text)[1] });
  assert.equal(out.status, 303);
  assert.equal((await new Browser(home).get('/auth/me', { cookie: signedIn })).status, 401);
  const asked = await follow(browser, out.headers.get('location'));
  const form = formIn(asked);
  const done = await browser.postForm(form.action, { ...form.fields, logout: 'yes' });
  assert.equal(done.headers.get('location'), `${home}/`);
  assert.match((await follow(browser, '/oidc/login')).text, /name="login"/);
});

it('knows the account when its user comes again', async () => {
  for (const browser of [new Browser(home), new Browser(home)]) {
    await browser.get(await signInAtProvider(browser, 'bob'));
    assert.equal((await browser.get('/auth/me')).json().user.id, 'acme:bob');
  }
});

it('refuses an answer that this browser has not asked for, and one that was used', async () => {
  const [victim, attacker] = [new Browser(home), new Browser(home)];
  const callback = await signInAtProvider(attacker, 'mallory');
  assert.equal((await victim.get(callback)).status, 401);
  await victim.get('/oidc/login');
  assert.equal((await victim.get(callback)).status, 401);
  assert.equal((await victim.get('/auth/me')).status, 401);
  assert.equal((await attacker.get(callback)).status, 302);
  assert.equal((await attacker.get(callback)).status, 401);
  assert.equal((await attacker.get('/auth/me')).status, 200);
});

/** @returns where the provider sends the browser back to */
async function signInAtProvider(browser, login) {
  const page = await follow(browser, '/oidc/login');
  const { action, fields } = formIn(page);
  const signedIn = await browser.postForm(action, { ...fields, login, password: 'any' });
  const consent = formIn(await follow(browser, signedIn.headers.get('location')));
  const agreed = await browser.postForm(consent.action, consent.fields);
  const resumed = await browser.get(agreed.headers.get('location'));
  return resumed.headers.get('location');
}

/** The page at the end of redirects. */
async function follow(browser, url) {
  for (;;) {
    const answer = await browser.get(url);
    if (answer.status < 300 || answer.status > 399) return answer;
    url = new URL(answer.headers.get('location'), new URL(url, browser.origin)).href;
  }
}

function formIn({ text }) {
  const [form] = /<form[^]*<\/form>/.exec(text) ?? assert.fail(text);
  const inputs = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  return { action: /action="([^"]+)"/.exec(form)[1], fields: Object.fromEntries(inputs.map(([, ...pair]) => pair)) };
}
