import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ADMINISTRATOR, startWithAdministrator } from '../support/servers/administrator.js';
import { chromiumOfFile, describeInChromium } from '../support/browser/chromium.js';
import { cleanUp, type ReferenceServer } from '../support/servers/reference-server.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds on a page, light and dark, that somebody would stumble over. */
async function barriersOf(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(AXE);
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical')
        found.push(`${colorScheme}, ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }
  return found;
}

describeInChromium('the warning before a session ends,', () => {
  let server: ReferenceServer;
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromiumOfFile();
    // It warns 20 seconds before the end, so 6 seconds after the last use.
    server = await startWithAdministrator({ env: { SESSION_IDLE_TIMEOUT: '26s' } });
  }, 60_000);

  afterAll(async () => {
    await cleanUp();
  });

  const open = async (faults: string[]): Promise<[BrowserContext, Page]> => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(String(error)));
    return [context, page];
  };
  const signIn = async (page: Page) => {
    await page.goto(`${server.url}/login?next=/account`);
    await page.getByLabel('Username').fill(ADMINISTRATOR.username);
    await page.getByLabel('Password').fill(ADMINISTRATOR.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/account');
  };
  const warning = (page: Page) => page.getByRole('alertdialog', { name: 'Your session is about to end' });
  const goOn = (page: Page) => warning(page).getByRole('button', { name: 'Continue the session' });
  const stateOf = (page: Page) => page.locator('#state').textContent();

  it('is on the home page: it extends, and its asking keeps no session alive', async () => {
    const faults: string[] = [];
    const [context, page] = await open(faults);
    await page.goto(server.url);
    await page.getByLabel('Text to keep').fill('between us');
    await page.getByRole('button', { name: 'Set' }).click();
    await warning(page).waitFor();
    expect(await barriersOf(page)).toEqual([]);
    expect(await warning(page).getByRole('link').count()).toBe(0);
    await page.keyboard.press('Enter');
    await warning(page).waitFor({ state: 'hidden' });
    expect(await barriersOf(page)).toEqual([]);
    expect(await stateOf(page)).toBe('Active');
    await warning(page).waitFor();
    await page.locator('[role=status]').filter({ hasText: 'Your session has ended.' }).waitFor();
    expect(await stateOf(page)).toBe('None');
    expect(await warning(page).isVisible()).toBe(false);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is on the pages of an account: it extends, signs out, and leaves them at the end', async () => {
    const faults: string[] = [];
    const [context, page] = await open(faults);
    await signIn(page);
    const other = await context.newPage();
    await other.goto(`${server.url}/account/sessions`);
    await warning(page).waitFor();
    await warning(other).waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await Promise.all([page.waitForEvent('load'), goOn(page).click()]);
    await warning(other).waitFor({ state: 'hidden' });
    expect(new URL(page.url()).pathname).toBe('/account');
    await warning(page).waitFor();
    await warning(page).getByRole('link', { name: 'Sign out' }).click();
    await page.waitForURL('**/account/closed?next=%2Faccount');
    await other.waitForURL('**/account/closed?next=%2Faccount%2Fsessions');
    expect(await context.cookies()).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is not where nobody is signed in, and the library’s pages have no script without it', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}/login`);
    expect(await page.locator('gatehouse-timeout, script').count()).toBe(0);
    await page.close();
  });
});
