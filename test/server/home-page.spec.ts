import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { chromiumOfFile, describeInChromium } from '../support/browser/chromium.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';

describeInChromium('the home page', () => {
  let server: ReferenceServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await ReferenceServer.start({ inHost: true });
    browser = await chromiumOfFile();
  }, 60_000);

  afterAll(async () => {
    await cleanUp();
  });

  // Each scheme and each width once: neither changes what the other does.
  describe.each([
    ['light', 1280],
    ['dark', 360],
  ] as const)('%s, %i pixels wide', (colorScheme, width) => {
    let page: Page;
    let faults: string[];

    beforeEach(async () => {
      page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
      faults = [];
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
      page.on('pageerror', (error) => faults.push(String(error)));
      await page.goto(server.url);
    });

    afterEach(async () => {
      expect(faults).toEqual([]);
      await page.close();
    });

    const text = (selector: string) => page.locator(selector).textContent();
    const waitForText = (selector: string, expected: string) =>
      page.locator(selector).filter({ hasText: expected }).waitFor();
    const sessionCookie = async () => (await page.context().cookies()).find(({ name }) => name === 'sid');

    it('shows no session to a stranger, and sets no cookie', async () => {
      expect(await text('#state')).toBe('None');
      expect(await page.locator('#renew').isDisabled()).toBe(true);
      expect(await page.locator('#end').isDisabled()).toBe(true);
      expect(await text('#idle-left')).toBe('30 min');
      expect(await text('#absolute-left')).toBe('12 h');
      expect(await sessionCookie()).toBeUndefined();
    });

    it('sets, gets, renews and ends', async () => {
      await page.getByLabel('Text to keep').fill('<b>bold</b> & more');
      await page.getByRole('button', { name: 'Set' }).click();
      await waitForText('#state', 'Active');
      await waitForText('[role=status]', 'Kept in your session.');
      const first = await sessionCookie();
      expect(first).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', expires: -1 });

      await page.getByRole('button', { name: 'Get' }).click();
      await waitForText('#stored', '<b>bold</b> & more');

      await page.getByRole('button', { name: 'Renew' }).click();
      await waitForText('[role=status]', 'Renewed');
      const second = await sessionCookie();
      expect(second!.value.split('.')[0]).toBe(first!.value.split('.')[0]);
      expect(second!.value).not.toBe(first!.value);

      await page.reload();
      expect(await text('#handle')).toBe(second!.value.split('.')[0]);
      await page.getByRole('button', { name: 'Get' }).click();
      await waitForText('#stored', '<b>bold</b> & more');

      await page.getByRole('button', { name: 'End session' }).click();
      await waitForText('#state', 'None');
      expect(await sessionCookie()).toBeUndefined();
      await page.getByRole('button', { name: 'Get' }).click();
      await waitForText('#stored', 'nothing');
    });

    it('counts both ends down', async () => {
      // The page's own clock, or the end that is shown in minutes would take one of them.
      await page.clock.install();
      await page.reload();
      await page.getByLabel('Text to keep').press('Enter');
      await waitForText('#state', 'Active');
      const ends = ['#idle-left', '#absolute-left'];
      const before = await Promise.all(ends.map(text));
      await page.clock.fastForward('01:01');
      for (const [n, end] of ends.entries()) await page.locator(end).filter({ hasNotText: before[n]! }).waitFor();
    });

    it('fits the screen', async () => {
      await page.getByLabel('Text to keep').fill('x'.repeat(500));
      await page.getByRole('button', { name: 'Set' }).click();
      await page.getByRole('button', { name: 'Get' }).click();
      await waitForText('#stored', 'xxx');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    });

    it('can be used with the keyboard alone', async () => {
      const focused = () => page.evaluate('document.activeElement.textContent.trim() || document.activeElement.id');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('code');
      await page.keyboard.type('typed');
      await page.keyboard.press('Enter');
      await waitForText('#state', 'Active');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('Get');
      await page.keyboard.press('Enter');
      await waitForText('#stored', 'typed');
    });
  });

  it('says that a session has ended when its time is over', async () => {
    const brief = await ReferenceServer.start({
      inHost: true,
      env: { STORAGE: 'memory', SESSION_IDLE_TIMEOUT: '2s' },
    });
    const page = await browser.newPage();
    await page.goto(brief.url);
    await page.getByLabel('Text to keep').fill('between us');
    await page.getByRole('button', { name: 'Set' }).click();
    await page.locator('#state').filter({ hasText: 'Active' }).waitFor();
    await page.getByRole('button', { name: 'Get' }).click();
    await page.locator('#stored').filter({ hasText: 'between us' }).waitFor();

    await page.locator('[role=status]').filter({ hasText: 'Your session has ended.' }).waitFor();
    expect(await page.locator('#state').textContent()).toBe('None');
    expect(await page.locator('body').innerHTML()).not.toContain('between us');
    expect(await page.getByLabel('Text to keep').inputValue()).toBe('');
    await page.close();
  });
});
