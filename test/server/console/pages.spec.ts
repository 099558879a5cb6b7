import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page, Request } from 'playwright-core';
import { signInTo } from '../../support/servers/administrator.js';
import type { BrowserClient } from '../../support/browser/browser-client.js';
import { until } from '../../support/latch.js';
import { chromiumOfFile, describeInChromium } from '../../support/browser/chromium.js';
import { startWithPeople } from '../../support/servers/identities.js';
import { cleanUp, ReferenceServer } from '../../support/servers/reference-server.js';
import { ENDED, gatherCrowd, HOSTILE, LONG_NAME } from './support/crowd.js';
import { cookiesOf, WatchedPage } from './support/watched-page.js';

const ENV = { SESSION_TOUCH_INTERVAL: '1s' };

describeInChromium('the console', () => {
  let server: ReferenceServer;
  let browser: Browser;
  let administrator: BrowserClient;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    browser = await chromiumOfFile();
    ({ server } = await startWithPeople({ env: ENV }));
    await gatherCrowd(server);
    administrator = await signInTo(server);
    watched = await WatchedPage.open(browser);
    page = watched.page;
    await watched.context.addCookies(cookiesOf(administrator, server.url));
  }, 120_000);

  afterEach(() => {
    expect(watched.violations.splice(0)).toEqual([]);
    expect(watched.faults.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await watched.context.close();
    await cleanUp();
  });

  const go = (path: string) => page.goto(`${server.url}/admin${path}`);
  const handleOf = async (user: string) =>
    (await administrator.get(`/admin/api/sessions?user=${encodeURIComponent(user)}`)).json<{
      items: { handle: string; userId: string }[];
    }>().items[0]!;

  it('stumbles over nothing on any page, in any view', async () => {
    const long = await handleOf(LONG_NAME);
    const pages = {
      overview: '',
      sessions: `/sessions?state=signed-in`,
      'sessions-one': `/sessions?user=${LONG_NAME}&ip=2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa`,
      'sessions-hostile': `/sessions?user=${encodeURIComponent(HOSTILE)}`,
      'sessions-none': '/sessions?user=nobody&device=x&createdAfter=2026-01-01T00:00',
      'sessions-ended': '/sessions?state=ended',
      'sessions-wrong': '/sessions?ip=nowhere',
      'session-live': `/sessions/${long.handle}`,
      'session-over': `/sessions/${ENDED}`,
      users: '/users',
      user: `/users/${long.userId}`,
      'user-delete': `/users/${long.userId}/delete`,
      'keys-none': '/api-keys',
      'key-new': '/api-keys/new',
      hits: '/hits',
      'hits-month': '/hits?range=30d',
      audit: '/audit?user=ada&type=login.ok',
      policy: '/policy',
      doctor: '/doctor',
      none: '/sessions/none',
    };
    const found: string[] = [];
    for (const [name, path] of Object.entries(pages)) {
      await go(path);
      for (const summary of await page.locator('details:not([open]) > summary').all()) await summary.click();
      found.push(...(await watched.barriers(name)));
    }
    expect(found).toEqual([]);
  });

  it('loads from this server alone, and nothing twice', async () => {
    const fresh = await WatchedPage.open(browser);
    await fresh.context.addCookies(cookiesOf(administrator, server.url));
    const requests: Request[] = [];
    fresh.page.on('request', (request) => void requests.push(request));
    for (const path of ['/sessions', '/hits', '']) {
      requests.length = 0;
      await fresh.page.goto(`${server.url}/admin${path}`);
      await fresh.page.locator(path === '' ? '[data-clock] time' : 'h1').waitFor();
      const urls = requests.map((request) => request.url());
      expect(urls.filter((url) => !url.startsWith(`${server.url}/`))).toEqual([]);
      expect(new Set(urls).size).toBe(urls.length);
    }
    expect([fresh.violations, fresh.faults]).toEqual([[], []]);
    await fresh.context.close();
  });

  it('names the request with every refusal', async () => {
    for (const path of ['/sessions/none', '/sessions?ip=nowhere', '/users/nobody/delete']) {
      const answer = await page.goto(`${server.url}/admin${path}`);
      const id = (await answer!.headerValue('x-request-id'))!;
      expect(await page.getByRole('alert').locator('code').last().textContent()).toBe(id);
    }
  });

  it('would count a violation', async () => {
    await go('/policy');
    const seen = page.waitForEvent('console');
    await expect(watched.run(`document.body.innerHTML = '<b></b>'`)).rejects.toThrow(/TrustedHTML/);
    await seen;
    await until('it is counted', () => watched.violations.length === 1);
    expect(watched.violations).toEqual([expect.stringMatching(/^require-trusted-types-for /)]);
    watched.violations.splice(0);
    watched.faults.splice(0);
  });

  it('opens every dialog over its page, and gives the focus back', async () => {
    const { handle, userId } = await handleOf(HOSTILE);
    for (const path of [
      `/sessions?user=${encodeURIComponent(HOSTILE)}`,
      `/sessions/${handle}`,
      '/users',
      `/users/${userId}`,
      '/api-keys',
    ]) {
      await go(path);
      const address = page.url();
      const links = await page.locator('a[data-dialog]').all();
      expect([path, links.length > 0]).toEqual([path, true]);
      for (const link of links) {
        await link.click();
        const dialog = page.getByRole('dialog');
        await dialog.waitFor();
        if (link === links[0])
          expect(await watched.barriers(`dialog-${path.split(/[/?]/)[1]}-${links.length}`)).toEqual([]);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
        expect(await page.locator(':focus').getAttribute('href')).toBe(await link.getAttribute('href'));
        expect(page.url()).toBe(address);
      }
    }
  });

  it('counts what matches, after its rows are shown', async () => {
    await go('/sessions?user=visitor');
    await page.locator('.total', { hasText: /500 match, counted at/ }).waitFor();
  });

  it('draws what the table says', async () => {
    await go('/hits?range=7d');
    await page.locator('.chart canvas').waitFor();
    await page.getByText('As a table').click();
    expect(await page.locator('#series tbody tr').count()).toBe(7);
    const painted = await watched.run<number>(
      `new Set(document.querySelector('.chart canvas').getContext('2d').getImageData(0, 0, 800, 280).data).size`,
    );
    expect(painted).toBeGreaterThan(3);
  });

  it('ends a session by the keyboard alone', async () => {
    const other = await signInTo(server);
    await go('/sessions?user=ada');
    const focused = () =>
      watched.run<string>(
        `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()`,
      );
    const tabTo = async (name: RegExp) => {
      for (let n = 0; n < 100; n++) {
        await page.keyboard.press('Tab');
        if (name.test(await focused())) return;
      }
      throw new Error(`Nothing called ${name} was reached.`);
    };
    // The newest comes first.
    await tabTo(/^End the session of ada/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'End this session' }).waitFor();
    await page.keyboard.press('Shift+Tab');
    await tabTo(/^End the session of ada$/);
    await page.keyboard.press('Enter');
    await page.getByText('The session has ended.').waitFor();
    expect(page.url()).toContain('/admin/sessions?user=ada');
    expect((await other.get('/auth/me')).status).toBe(401);
  });

  describe('the overview', () => {
    const live = () => page.locator('[data-live="sessions.live"]');
    const words = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
    const shows = async (change: number, before: number) =>
      live()
        .filter({ hasText: new RegExp(`^${before + change}$`) })
        .waitFor();

    it('changes in place, pauses, stops while nobody looks, and goes on after a restart', async () => {
      await go('');
      await words('Live');
      const before = Number((await live().textContent())!.replace(',', ''));
      await watched.run(`void (document.querySelector('[data-live="sessions.live"]').isTheSame = true)`);
      await signInTo(server);
      await shows(1, before);
      expect(await watched.run(`document.querySelector('[data-live="sessions.live"]').isTheSame`)).toBe(true);
      expect(await page.locator('[data-clock]').textContent()).toMatch(/Live, updated \d\d:\d\d:\d\d UTC/);

      const closed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/admin/api/live'));
      await page.getByRole('button', { name: 'Pause' }).click();
      await words('Paused');
      await closed;
      await signInTo(server);
      await shows(1, before);
      await page.getByRole('button', { name: 'Go on' }).click();
      await shows(2, before);

      const hide = (isHidden: boolean) =>
        watched.run(
          `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true }); void document.dispatchEvent(new Event('visibilitychange'))`,
        );
      const left = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/admin/api/live'));
      await hide(true);
      await left;
      const again = page.waitForRequest('**/admin/api/live');
      await hide(false);
      await again;
      await words('Live');

      const { directory, url } = server;
      await server.kill('SIGTERM');
      await words('Connection lost, trying again');
      const env = { NODE_ENV: 'test', BCRYPT_COST: '4', MAX_SESSIONS_PER_USER: '0', ...ENV, PORT: new URL(url).port };
      server = await ReferenceServer.start({ directory, env });
      await words('Live');
      await signInTo(server);
      await shows(3, before);
    });
  });
});
