import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ADMINISTRATOR, signInTo, startWithAdministrator } from '../support/servers/administrator.js';
import { chromiumOfFile, describeInChromium } from '../support/browser/chromium.js';
import { cleanUp, type ReferenceServer } from '../support/servers/reference-server.js';

const OTHER_PASSWORD = 'another horse, another staple';
/** What Chromium itself reports of an answer that is no success. */
const ANSWERED = /^Failed to load resource: the server responded with a status of 4\d\d/;

describeInChromium('the pages of an account', () => {
  let server: ReferenceServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    browser = await chromiumOfFile();
    server = await startWithAdministrator();
  }, 60_000);

  afterAll(async () => {
    await cleanUp();
  });

  const open = async (options: Parameters<Browser['newContext']>[0] = {}) => {
    context = await browser.newContext(options);
    page = await context.newPage();
    faults = [];
    page.on('console', (message) => {
      const isFault = ['error', 'warning'].includes(message.type()) && !ANSWERED.test(message.text());
      if (isFault) faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
  };

  afterEach(async () => {
    expect(faults).toEqual([]);
    await context.close();
    await endAllSessions();
  });

  /** The next case finds the server as it was. */
  const endAllSessions = async () => {
    const client = await signInTo(server);
    await client.post('/auth/sessions/end');
    await client.post('/auth/logout');
  };

  const signIn = async (password: string = ADMINISTRATOR.password) => {
    await page.getByLabel('Username').fill(ADMINISTRATOR.username);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  const path = () => new URL(page.url()).pathname;
  const width = () => page.evaluate('document.documentElement.scrollWidth');

  describe.each([
    ['light', 1280, true],
    ['dark', 360, false],
  ] as const)('%s, %i pixels wide, with JavaScript: %s', (colorScheme, pixels, javaScriptEnabled) => {
    beforeEach(() => open({ colorScheme, viewport: { width: pixels, height: 740 }, javaScriptEnabled }));

    it('send a stranger to the form, and back to the page that was asked for', async () => {
      await page.goto(`${server.url}/account/sessions`);
      expect(path()).toBe('/login');
      expect((await context.cookies()).length).toBe(0);
      await signIn();
      expect(path()).toBe('/account/sessions');
      await page.getByText('This one').waitFor();
    });

    it('say that the password is wrong, and let it be typed again', async () => {
      await page.goto(`${server.url}/login?next=/account`);
      await signIn('wrong');
      expect(await page.getByRole('alert').textContent()).toContain('The username or the password is wrong.');
      expect(await page.title()).toMatch(/^Not done: /);
      const password = page.getByLabel('Password');
      expect(await password.getAttribute('type')).toBe('password');
      expect(await password.getAttribute('aria-invalid')).toBe('true');
      expect(await password.getAttribute('aria-describedby')).toBe('problem');
      expect(await page.getByLabel('Username').inputValue()).toBe('ada');
      await password.fill(ADMINISTRATOR.password);
      await password.press('Enter');
      await page.waitForURL('**/account');
    });

    it('change the password', async () => {
      await page.goto(`${server.url}/account/password`);
      await signIn();
      const change = async (current: string, fresh: string) => {
        await page.getByLabel('Current password').fill(current);
        await page.getByLabel('New password').fill(fresh);
        await page.getByRole('button', { name: 'Change the password' }).click();
      };
      await change(ADMINISTRATOR.password, 'short');
      expect(await page.getByRole('alert').textContent()).toContain(
        'The new password must have at least 15 characters',
      );
      await change('wrong', OTHER_PASSWORD);
      expect(await page.getByRole('alert').textContent()).toContain('The password is wrong.');
      await change(ADMINISTRATOR.password, OTHER_PASSWORD);
      expect(path()).toBe('/account');
      expect(await page.getByRole('status').textContent()).toContain('Your password was changed');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.goto(`${server.url}/login?next=/account`);
      await signIn(OTHER_PASSWORD);
      expect(path()).toBe('/account');
      await page.goto(`${server.url}/account/password`);
      await change(OTHER_PASSWORD, ADMINISTRATOR.password);
      expect(path()).toBe('/account');
    });

    it('end another session, then all others', async () => {
      const others = await Promise.all([1, 2, 3].map(() => signInTo(server)));
      await page.goto(`${server.url}/account/sessions`);
      await signIn();
      const ends = page.getByRole('button', { name: /^End the session of/ });
      expect(await ends.count()).toBe(3);
      await ends.first().click();
      expect(await page.getByRole('status').textContent()).toBe('The session has ended.');
      expect(await ends.count()).toBe(2);
      await page.getByRole('button', { name: 'End all but this one' }).click();
      expect(await page.getByRole('status').textContent()).toBe('Your other sessions have ended.');
      expect(await page.getByText('You are signed in nowhere else.').count()).toBe(1);
      for (const other of others) expect((await other.get('/auth/me')).status).toBe(401);
    });

    it('show nothing private by the back button after signing out', async () => {
      await page.goto(`${server.url}/account`);
      await signIn();
      await page.goto(`${server.url}/account/sessions`);
      await page.goto(`${server.url}/admin/sessions`);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(`${server.url}/`);
      for (let times = 0; times < 3; times++) {
        await page.goBack();
        expect(path()).toBe('/login');
        expect(await page.locator('body').textContent()).not.toMatch(/127\.0\.0\.1|Signed in as/);
      }
      expect((await context.cookies()).length).toBe(0);
      expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
    });

    it('fit the screen and have one heading each', async () => {
      await page.goto(`${server.url}/login?next=/account`);
      expect(await width()).toBe(pixels);
      await signIn();
      for (const address of ['/', '/account', '/account/sessions', '/account/password', '/reauthenticate', '/admin']) {
        await page.goto(server.url + address);
        expect({ address, width: await width(), headings: await page.locator('h1').count() }).toEqual({
          address,
          width: pixels,
          headings: 1,
        });
      }
    });
  });

  it('keep a session beyond the browser where that is wanted', async () => {
    await open();
    await page.goto(`${server.url}/login`);
    await page.getByLabel('Stay signed in').check();
    await signIn();
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: 'sid', httpOnly: true, sameSite: 'Lax' });
    expect(cookie!.expires * 1000 - Date.now()).toBeGreaterThan(13 * 86_400_000);
  });

  it('work by name over plain HTTP, where browsers send no Fetch Metadata', async () => {
    await open();
    const { port } = new URL(server.url);
    await page.goto(`http://gatehouse.example:${port}/login?next=/account`);
    await signIn();
    expect(path()).toBe('/account');
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(path()).toBe('/');
    expect(await context.cookies()).toEqual([]);
    // Chromium says of some headers that they need HTTPS.
    faults = [];
  });

  it('say on the home page who is signed in, and sign out from there', async () => {
    await open();
    await page.goto(server.url);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn();
    expect(path()).toBe('/');
    await page.getByText('Signed in as ada').waitFor();
    // The form's token does not outlive two renewals.
    for (const renewals of [1, 2]) {
      await page.getByRole('button', { name: 'Renew' }).click();
      await page
        .locator('#wire li')
        .nth(2 * renewals - 1)
        .waitFor();
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    expect(await page.locator('#state').textContent()).toBe('None');
  });

  it('go by themselves when their session is over, without JavaScript, and also where the server is gone', async () => {
    const brief = await startWithAdministrator({ env: { SESSION_IDLE_TIMEOUT: '3s' } });
    await open({ javaScriptEnabled: false });
    await page.goto(`${brief.url}/login?next=/account/sessions`);
    await signIn();
    await page.getByText('This one').waitFor();
    await page.waitForURL('**/account/closed?next=%2Faccount%2Fsessions');
    expect(await page.locator('body').textContent()).not.toMatch(/127\.0\.0\.1|ada/);
    await page.getByRole('link', { name: 'Go on' }).click();
    expect(path()).toBe('/login');
    await signIn();
    await page.getByText('This one').waitFor();
    await brief.kill('SIGKILL');
    await page.getByText('This one').waitFor({ state: 'detached' });
    // Chromium says that nobody answers.
    faults = [];
  });

  it('show the description of the routes, to try them', async () => {
    await open();
    await page.goto(`${server.url}/docs`);
    await page.getByText('/auth/login', { exact: true }).click();
    await page.getByRole('button', { name: 'Try it out' }).waitFor();
  });
});
