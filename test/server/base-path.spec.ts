import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { examineServer } from '../../src/cli/doctor/examine-server.js';
import { formsOf, linksOf } from '../support/browser/addresses.js';
import { BrowserClient, type Answer } from '../support/browser/browser-client.js';
import { chromiumOfFile, itInChromium } from '../support/browser/chromium.js';
import { exchange } from '../support/browser/raw-http.js';
import { ADMINISTRATOR, startWithAdministrator } from '../support/servers/administrator.js';
import { routesOf } from '../support/servers/described-routes.js';
import { cleanUp, type ReferenceServer } from '../support/servers/reference-server.js';
import { SubPathProxy } from '../support/servers/sub-path-proxy.js';

const HTML = { accept: 'text/html' };

interface Place {
  readonly by: string;
  readonly base: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the proxy sets on each request. */
  readonly says: Readonly<Record<string, string>>;
}

const PLACES: readonly Place[] = [
  { by: 'BASE_PATH', base: '/a/b', env: { HTTP_ADAPTER: 'fastify', BASE_PATH: '/a/b' }, says: {} },
  {
    by: 'X-Forwarded-Prefix',
    base: '/shop',
    env: { HTTP_ADAPTER: 'express', TRUST_PROXY: 'loopback' },
    says: { 'x-forwarded-prefix': '/shop' },
  },
];

describe.each(PLACES)('the server behind a sub-path, by $by', ({ base, env, says }) => {
  let server: ReferenceServer;
  let proxy: SubPathProxy;
  let administrator: BrowserClient;

  beforeAll(async () => {
    server = await startWithAdministrator({ env });
    proxy = await SubPathProxy.to(server.url, base, says);
    administrator = new BrowserClient(proxy.origin, HTML);
    expect((await administrator.post(`${base}/auth/login`, ADMINISTRATOR)).status).toBe(200);
  }, 60_000);

  afterEach(() => expect(proxy.strays).toEqual([]));

  afterAll(async () => {
    await proxy.close();
    await cleanUp();
  });

  it('links, on every page, to what is there', async () => {
    const statuses = new Map<string, number>();
    const statusOf = async (address: string) => {
      const status = statuses.get(address) ?? (await administrator.get(address)).status;
      statuses.set(address, status);
      return status;
    };
    const routes = (await routesOf(server)).filter(({ method, path }) => method === 'GET' && !path.endsWith('/live'));
    const shown: string[] = [];
    for (const path of [...routes.map((route) => route.path), '/none', '/%']) {
      const page = await administrator.get(base + path);
      if (!page.headers.get('content-type')?.startsWith('text/html')) continue;
      shown.push(path);
      // A page that is not there offers to look again.
      const others = linksOf(page).filter((address) => page.status !== 404 || address !== base + path);
      for (const address of [...others, ...formsOf(page).map(({ action }) => action)]) {
        expect([path, address.startsWith(`${base}/`) && address]).toEqual([path, address]);
        expect([path, address, await statusOf(address)]).not.toContain(404);
      }
    }
    const pages = ['/', '/login', '/account', '/account/sessions', '/account/password', '/account/closed', '/admin'];
    expect(shown).toEqual(expect.arrayContaining([...pages, '/reauthenticate', '/docs', '/none', '/%']));
    expect((await administrator.get(`${base}/docs-json`)).json()).toMatchObject({ servers: [{ url: base }] });
  });

  it('leads strangers through its forms and out again', async () => {
    const browser = new BrowserClient(proxy.origin, HTML);
    const locationOf = ({ status, headers }: Answer) => [status, headers.get('location')];
    const submit = async (path: string, end: string, typed: Record<string, string>) => {
      const form = formsOf(await browser.get(path)).find(({ action }) => action.endsWith(end))!;
      return browser.request('POST', form.action, { body: new URLSearchParams({ ...form.fields, ...typed }) });
    };
    const door = `${base}/login?next=%2Faccount%2Fsessions`;
    expect(locationOf(await browser.get(`${base}/account/sessions`))).toEqual([303, door]);
    const refused = await submit(door, '/auth/login', { username: ADMINISTRATOR.username, password: 'wrong' });
    expect([refused.status, formsOf(refused)]).toMatchObject([
      401,
      [{ action: `${base}/auth/login`, fields: { next: '/account/sessions' } }],
    ]);
    expect(locationOf(await submit(door, '/auth/login', ADMINISTRATOR))).toEqual([303, `${base}/account/sessions`]);
    const absolute = `${base}/reauthenticate?next=${encodeURIComponent(`${proxy.origin}${base}/admin`)}`;
    const { password } = ADMINISTRATOR;
    expect(locationOf(await submit(absolute, '/auth/reauthenticate', { password }))).toEqual([303, `${base}/admin`]);
    const neighbour = `${base}/reauthenticate?next=${encodeURIComponent(`${proxy.origin}/elsewhere`)}`;
    expect(locationOf(await submit(neighbour, '/auth/reauthenticate', { password }))).toEqual([303, `${base}/`]);
    expect(locationOf(await submit(`${base}/account`, '/auth/logout', {}))).toEqual([303, `${base}/`]);
    expect(locationOf(await browser.get(`${base}/admin`))).toEqual([303, `${base}/login?next=%2Fadmin`]);
    expect([...browser.cookies.keys()]).toEqual([]);
  });

  it('takes no other path from a header', async () => {
    const hostile = ['//evil.example', String.raw`/\evil.example`, '/shop/', '/a/../b', '/"><script>', '/%0d%0a', 'x'];
    const own = 'BASE_PATH' in env ? base : '';
    for (const prefix of hostile) {
      const direct = new BrowserClient(server.url, { ...HTML, 'x-forwarded-prefix': prefix });
      const { headers } = await direct.get('/account');
      expect([prefix, headers.get('location')]).toEqual([prefix, `${own}/login?next=%2Faccount`]);
      expect((await direct.get('/none')).text).toContain(`href="${own}/"`);
    }
  });

  it('has the path on pages of requests that reach no route', async () => {
    const lines = ['GET /\\ HTTP/1.1', 'Host: a b', 'Accept: text/html', 'Connection: close'];
    const prefix = Object.entries(says).map(([name, value]) => `${name}: ${value}`);
    const answer = await exchange(server.url, [...lines, ...prefix, '', ''].join('\r\n'));
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain(`href="${base}/"`);
  });

  it('is examined by the doctor as what it is', async () => {
    const directly = await examineServer(new URL(`${server.url}/`));
    expect(await examineServer(new URL(`${proxy.origin}${base}/`))).toEqual(directly);
  });

  itInChromium('runs', async () => {
    const page = await (await chromiumOfFile()).newPage();
    const faults: string[] = [];
    try {
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
      page.on('pageerror', (error) => faults.push(String(error)));
      await walk(page, proxy.origin + base);
    } finally {
      await page.close();
    }
    expect(faults).toEqual([]);
  });
});

/** As a person would: a value kept on the home page, signed in, the account, the routes, signed out. */
async function walk(page: Page, home: string): Promise<void> {
  await page.goto(`${home}/`);
  await page.getByLabel('Text to keep').fill('between us');
  await page.getByRole('button', { name: 'Set' }).click();
  await page.locator('[role=status]').filter({ hasText: 'Kept in your session.' }).waitFor();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.waitForURL(`${home}/login`);
  await page.getByLabel('Username').fill(ADMINISTRATOR.username);
  await page.getByLabel('Password').fill(ADMINISTRATOR.password);
  const asked = page.waitForResponse(`${home}/api/session`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${home}/`);
  expect((await asked).status()).toBe(200);
  await page.getByRole('link', { name: 'Account' }).click();
  await page.waitForURL(`${home}/account`);
  await page.goto(`${home}/docs`);
  await page.getByText('/auth/login', { exact: false }).first().waitFor();
  await page.goto(`${home}/`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  expect(page.url()).toBe(`${home}/`);
}
