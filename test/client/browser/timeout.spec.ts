import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumOfFile, describeInChromium } from '../../support/browser/chromium.js';
import { Latch, until } from '../../support/latch.js';
import { MINUTE, TimeoutServer } from './timeout-server.js';

const SECOND = 1_000;

describeInChromium('<gatehouse-timeout>', () => {
  let browser: Browser;
  let server: TimeoutServer;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    browser = await chromiumOfFile();
  }, 60_000);

  beforeEach(async () => {
    server = await TimeoutServer.start();
    server.begin();
    context = await browser.newContext();
    faults = [];
  });

  afterEach(async () => {
    await context.close();
    await server.close();
    expect(faults).toEqual([]);
  });

  /** A tab whose clock is in the hands of the test, and as wrong as it says. */
  const open = async (wrong = 0) => {
    const tab = await context.newPage();
    tab.on('pageerror', (error) => faults.push(String(error)));
    tab.on('console', (message) => {
      const isFault = ['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text());
      if (isFault) faults.push(message.text());
    });
    await tab.clock.install({ time: Date.now() + wrong });
    const asked = server.asked.length;
    await tab.goto(server.url);
    await until('the element asks', () => server.asked.length > asked);
    await tab.waitForLoadState('networkidle');
    return tab;
  };

  const advance = async (milliseconds: number, ...tabs: Page[]) => {
    server.advance(milliseconds);
    for (const tab of tabs.length ? tabs : [page]) await tab.clock.fastForward(milliseconds);
  };

  const dialog = (tab = page) => tab.getByRole('alertdialog', { name: 'Your session is about to end' });
  const isWarning = (tab = page) => dialog(tab).isVisible();
  const warned = (tab = page) => dialog(tab).waitFor();
  const calm = (tab = page) => dialog(tab).waitFor({ state: 'hidden' });
  const stays = (tab = page) => tab.getByRole('button', { name: 'Weiter' });
  /** Until the element has had its say: it looks at its clock every second. */
  const settle = async (tab = page) => {
    await tab.clock.runFor(2 * SECOND);
    await tab.waitForLoadState('networkidle');
  };
  /** All questions were marked as no use of the session. */
  const askedPassively = () => {
    const questions = server.asked.filter((asked) => asked === 'GET /api/session');
    return questions.length > 0 && questions.length === server.passive.length;
  };

  it('warns two minutes before the idle end, extends by the button, and never by asking', async () => {
    page = await open();
    await page.evaluate("addEventListener('gatehouse-extended', () => (document.title = 'extended'))");
    await advance(27 * MINUTE);
    await settle();
    expect(await isWarning()).toBe(false);
    await advance(MINUTE);
    await warned();
    expect(await dialog().textContent()).toMatch(/It ends in 1 min (30|45) s, because nothing has happened/);
    expect(await dialog().textContent()).toMatch(/However it is used, it ends at .+\d/);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Weiter');
    expect(askedPassively()).toBe(true);

    await stays().click();
    await calm();
    expect(server.asked).toContain('POST /api/session/renew');
    await until('it was extended', async () => (await page.title()) === 'extended');
    await advance(27 * MINUTE);
    await settle();
    expect(await isWarning()).toBe(false);
    await advance(MINUTE);
    await warned();
    expect(askedPassively()).toBe(true);
  });

  it('goes to the page for it once the session has ended, however often it has asked', async () => {
    page = await open();
    await advance(29 * MINUTE);
    await warned();
    for (let turn = 0; turn < 5; turn++) await advance(11 * SECOND).then(() => settle());
    expect(askedPassively()).toBe(true);
    await advance(10 * SECOND);
    await page.waitForURL('**/ended');
    expect(server.isLive).toBe(false);
  });

  it.each([
    ['warn="60"', 30 * MINUTE, 60 * SECOND],
    ['warn="5"', 30 * MINUTE, 20 * SECOND],
    ['warn="soon"', 30 * MINUTE, 120 * SECOND],
    ['', 3 * MINUTE, 90 * SECOND],
    ['', 30 * SECOND, 20 * SECOND],
  ])('with %s and an idle time of %i ms it warns %i ms before the end', async (attributes, idleTimeout, before) => {
    Object.assign(server, { attributes, idleTimeout });
    server.begin();
    page = await open();
    // The rest is for a machine that is slow.
    await advance(idleTimeout - before - 9 * SECOND);
    expect(await isWarning()).toBe(false);
    await advance(9 * SECOND);
    await warned();
  });

  it('does not warn where nobody could read it', async () => {
    server.idleTimeout = 20 * SECOND;
    page = await open();
    await advance(15 * SECOND);
    await settle();
    expect(await isWarning()).toBe(false);
    await advance(5 * SECOND);
    await page.waitForURL('**/ended');
  });

  it('knows what the session has been used for elsewhere, before it warns and while it does', async () => {
    page = await open();
    await advance(20 * MINUTE);
    server.use();
    await advance(8 * MINUTE + 30 * SECOND);
    await settle();
    expect(await isWarning()).toBe(false);
    await advance(20 * MINUTE);
    await warned();
    server.use();
    await advance(11 * SECOND);
    await calm();
  });

  it('goes by the clock of the server', async () => {
    for (const wrong of [-3 * 60 * MINUTE, 5 * 60 * MINUTE]) {
      server.begin();
      page = await open(wrong);
      await advance(27 * MINUTE);
      await settle();
      expect(await isWarning()).toBe(false);
      await advance(70 * SECOND);
      await warned();
      await page.close();
    }
  });

  it('offers nothing that cannot be: at the last end it can only be put away', async () => {
    server.absoluteTimeout = 40 * MINUTE;
    page = await open();
    await advance(25 * MINUTE);
    server.use();
    await advance(13 * MINUTE + 5 * SECOND);
    await warned();
    expect(await dialog().textContent()).toMatch(/It ends in 1 min (30|45) s and cannot be extended\. Save your work/);
    expect(await stays().count()).toBe(0);
    await page.getByRole('button', { name: 'Close' }).click();
    await calm();
    await advance(30 * SECOND);
    await settle();
    expect(await isWarning()).toBe(false);
    expect(server.asked.filter((asked) => asked.startsWith('POST'))).toEqual([]);
    await advance(90 * SECOND);
    await page.waitForURL('**/ended');
  });

  it('is one warning for all tabs, and one action', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    await advance(28 * MINUTE + 10 * SECOND, first, second, third);
    for (const tab of [first, second, third]) await warned(tab);
    await stays(second).click();
    for (const tab of [first, second, third]) await calm(tab);
    expect(server.asked.filter((asked) => asked.startsWith('POST'))).toHaveLength(1);
    await advance(29 * MINUTE, first, second, third);
    await dialog(first).getByRole('link', { name: 'Sign out' }).click();
    for (const tab of [first, second, third]) await tab.waitForURL('**/ended');
    expect(server.asked.at(-1)).toBe('GET /api/session');
    expect(server.isLive).toBe(false);
  });

  it('believes its own question rather than a tab that had none', async () => {
    server.end();
    const early = await open();
    server.begin();
    page = await open();
    await early.evaluate("new BroadcastChannel('gatehouse-timeout /api/session').postMessage(null)");
    await early.evaluate("new BroadcastChannel('gatehouse-timeout /api/session').postMessage({ next: 'x' })");
    await settle();
    expect(new URL(page.url()).pathname).toBe('/');
    await advance(28 * MINUTE + 10 * SECOND);
    await warned();
    // The tab without a session has learnt of it.
    await early.clock.fastForward(28 * MINUTE + 10 * SECOND);
    await warned(early);
  });

  it('can be used with the keyboard alone', async () => {
    page = await open();
    const focused = () => page.evaluate('document.activeElement.textContent');
    await page.getByRole('button', { name: 'Work' }).focus();
    await advance(28 * MINUTE + 10 * SECOND);
    await warned();
    expect(await focused()).toBe('Weiter');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Sign out');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await calm();
    // Back to where the user was.
    expect(await focused()).toBe('Work');
    await advance(28 * MINUTE + 10 * SECOND);
    await warned();
    await page.keyboard.press('Escape');
    await calm();
    expect(server.asked.filter((asked) => asked.startsWith('POST'))).toHaveLength(2);
  });

  it('is read out by steps, not every second', async () => {
    page = await open();
    await advance(28 * MINUTE + 10 * SECOND);
    await warned();
    await page.evaluate(`{
      window.said = [];
      const text = document.querySelector('[aria-live]');
      new MutationObserver(() => window.said.push(text.textContent)).observe(text, { childList: true });
    }`);
    for (let second = 0; second < 58; second++) await advance(SECOND);
    const said = await page.evaluate<string[]>('window.said');
    expect(said.length).toBeGreaterThanOrEqual(3);
    expect(said.length).toBeLessThanOrEqual(5);
    const described = page.locator('[role=alertdialog]');
    expect(await described.getAttribute('aria-describedby')).toBe('gatehouse-timeout-text');
  });

  it('is not taken in by an answer that a later one has overtaken', async () => {
    page = await open();
    await advance(28 * MINUTE + 10 * SECOND);
    await warned();
    const late = new Latch();
    server.hold = late.opened;
    const asked = server.asked.length;
    await advance(11 * SECOND);
    await until('the element asks', () => server.asked.length > asked);
    await stays().click();
    await calm();
    late.open();
    await page.waitForLoadState('networkidle');
    await settle();
    expect(await isWarning()).toBe(false);
  });

  it('says when it could not extend, and tries again', async () => {
    page = await open();
    await advance(28 * MINUTE + 10 * SECOND);
    await warned();
    server.isBroken = true;
    await stays().click();
    await page.getByText('That did not work. Try again.').waitFor();
    server.isBroken = false;
    await stays().click();
    await calm();
  });

  it('leaves where nobody answers, when the session must have ended', async () => {
    page = await open();
    await advance(28 * MINUTE + 10 * SECOND);
    await warned();
    server.isBroken = true;
    await advance(100 * SECOND);
    expect(new URL(page.url()).pathname).toBe('/');
    await advance(20 * SECOND);
    await page.waitForURL('**/ended');
  });

  it('stays, and says so to the page, where no page is given', async () => {
    server.attributes = '';
    page = await open();
    await page.evaluate("addEventListener('gatehouse-ended', () => (document.title = 'ended'))");
    await advance(31 * MINUTE);
    await until('it has ended', async () => (await page.title()) === 'ended');
    expect(await isWarning()).toBe(false);
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await page.locator('dialog a').count()).toBe(0);
  });

  it('loads the page again after it was extended, where that is asked for', async () => {
    server.attributes = 'reload';
    page = await open();
    await page.evaluate("document.title = 'before'");
    await advance(28 * MINUTE + 10 * SECOND);
    await warned();
    await stays().click();
    await until('the page was loaded again', async () => (await page.title()) === '/');
  });

  it('asks again when it is told to, and leaves nothing behind when it is removed', async () => {
    server.end();
    page = await open();
    server.begin();
    await page.evaluate("document.querySelector('gatehouse-timeout').refresh()");
    await advance(28 * MINUTE + 10 * SECOND);
    await warned();
    const asked = server.asked.length;
    await page.evaluate("document.querySelector('gatehouse-timeout').remove()");
    await advance(5 * MINUTE);
    await settle();
    expect(server.asked).toHaveLength(asked);
    expect(await page.locator('dialog').count()).toBe(0);
  });
});
