import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ADMINISTRATOR, signInTo } from '../../support/servers/administrator.js';
import { chromiumOfFile, describeInChromium } from '../../support/browser/chromium.js';
import { startWithPeople, USER } from '../../support/servers/identities.js';
import { cleanUp, type ReferenceServer } from '../../support/servers/reference-server.js';
import { ageSignIn, CROWDS, gatherCrowd, sessionsOf } from './support/crowd.js';
import { cookiesOf, WatchedPage } from './support/watched-page.js';

describeInChromium('an administrator’s work', () => {
  let server: ReferenceServer;
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromiumOfFile();
    ({ server } = await startWithPeople());
    await gatherCrowd(server);
  }, 120_000);

  afterAll(async () => {
    await cleanUp();
  });

  /** A browser in which somebody has just signed in, at a page. */
  const open = async (path: string, options: Parameters<Browser['newContext']>[0] = {}, who?: typeof USER) => {
    const watched = await WatchedPage.open(browser, options);
    await watched.context.addCookies(cookiesOf(await signInTo(server, {}, who), server.url));
    await watched.page.goto(server.url + path);
    return watched;
  };
  const section = (page: Page, name: string) =>
    page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name, exact: true }).click();

  describe.each([
    { javaScriptEnabled: true, crowd: 'visitor', namespace: 'shop' },
    { javaScriptEnabled: false, crowd: 'caller', namespace: 'till' },
  ] as const)('with JavaScript: $javaScriptEnabled', ({ javaScriptEnabled, crowd, namespace }) => {
    let watched: WatchedPage;
    let page: Page;

    beforeAll(async () => {
      watched = await open('/admin', { javaScriptEnabled });
      page = watched.page;
    });

    afterAll(async () => {
      expect([watched.violations, watched.faults]).toEqual([[], []]);
      await watched.context.close();
    });

    /** What asks before something is done: a dialog, or a page of its own. */
    const asked = (name: string) =>
      javaScriptEnabled
        ? page.getByRole('dialog', { name })
        : page.getByRole('region', { name }).filter({ has: page.getByRole('heading', { name }) });

    it('finds a user’s session by name and ends it, and that browser is signed out', async () => {
      const theirs = await open('/account', {}, USER);
      await section(page, 'Sessions');
      await page.getByLabel('User', { exact: true }).fill(USER.username);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('link', { name: /^End the session of grace/ }).click();
      const question = asked('End this session');
      await question.getByText(/^The session of grace/).waitFor();
      await question.getByRole('button', { name: 'End the session of grace' }).click();
      await page.getByText('The session has ended.').waitFor();
      expect(new URL(page.url()).searchParams.get('user')).toBe(USER.username);
      await theirs.page.reload();
      expect(new URL(theirs.page.url()).pathname).toBe('/login');
      await theirs.context.close();
    });

    it('finds many and ends them, once their number is typed', async () => {
      const count = String(CROWDS[crowd]);
      await section(page, 'Sessions');
      await page.getByLabel('User', { exact: true }).fill(crowd);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('link', { name: 'End these sessions' }).click();
      const question = asked('End these sessions');
      await question.getByText(`${count} sessions match: User ${crowd}.`).waitFor();
      await question.getByLabel('Type how many sessions will end').fill('7');
      await question.getByRole('button', { name: `End ${count} sessions` }).click();
      await page.getByRole('alert').getByText('Nothing was done').waitFor();
      expect(await sessionsOf(server, crowd)).toBe(CROWDS[crowd]);
      await page.getByLabel('Type how many sessions will end').fill(count);
      await page.getByRole('button', { name: `End ${count} sessions` }).click();
      await page.getByRole('heading', { name: 'Ending sessions' }).waitFor();
      await page.getByText('Done').waitFor();
      await page.getByText(`${count} of ${count} sessions ended.`).waitFor();
      expect(await sessionsOf(server, crowd)).toBe(0);
      await page.getByRole('link', { name: 'Back to the sessions' }).click();
      await page.getByText('No session matches.').waitFor();
    });

    it('creates a key, which works', async () => {
      await section(page, 'API keys');
      await page.getByRole('link', { name: 'Create an API key' }).click();
      const question = asked('Create an API key');
      await question.getByLabel('Namespace').fill(namespace);
      await question.getByLabel('read sessions').check();
      await question.getByLabel('create, change and end sessions').check();
      await question.getByRole('button', { name: 'Create the key' }).click();
      const key = await page.getByLabel(`Key of ${namespace}`).inputValue();
      if (javaScriptEnabled) {
        await page.getByRole('button', { name: 'Copy' }).click();
        await page.getByRole('status').filter({ hasText: /\S/ }).waitFor();
      }
      const answer = await fetch(`${server.url}/sessman/new?userid=somebody`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
      });
      expect(answer.ok).toBe(true);
      await page.getByRole('link', { name: 'Back to the API keys' }).click();
      await page.getByRole('link', { name: namespace, exact: true }).click();
      await page.getByRole('rowheader', { name: 'somebody' }).waitFor();
      expect(await page.content()).not.toContain(key);
    });

    it('reads why a session ended', async () => {
      await section(page, 'Sessions');
      await page.getByLabel('State').selectOption('ended');
      await page.getByLabel('User', { exact: true }).fill(USER.username);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('link', { name: USER.username, exact: true }).first().click();
      await page.getByRole('heading', { name: 'Why it ended' }).waitFor();
      await page.getByText('the administrator ada ended it.').waitFor();
    });

    it('reads a day of hits, as numbers and as a table', async () => {
      await section(page, 'Hits');
      await page.getByRole('link', { name: '7 days' }).click();
      // A script that draws the chart closes the table.
      if (javaScriptEnabled) {
        await page.locator('canvas').first().waitFor();
        await page.getByText('As a table').click();
      }
      const rows = page.getByRole('region', { name: 'By day' }).getByRole('table').last().getByRole('row');
      expect(await rows.count()).toBe(1 + 7);
      const cells = await rows.nth(6).getByRole('cell').allTextContents();
      expect(cells.slice(1)).toEqual([expect.stringMatching(/^\d[\d,]+$/), '480', '101']);
      await page.getByRole('rowheader', { name: 'GET (unmatched)' }).waitFor();
    });
  });

  it('is asked for the password again where it is needed, and comes back to the same place', async () => {
    await signInTo(server, {}, USER);
    const { page, context } = await open('/admin/sessions?user=grace&state=signed-in');
    const [sid] = await context.cookies();
    await ageSignIn(server, sid!.value.slice(0, 22));
    await page.getByRole('link', { name: 'End these sessions' }).click();
    await page.waitForURL('**/reauthenticate?next=*');
    await page.getByLabel('Password').fill(ADMINISTRATOR.password);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL('**/admin/sessions/end?user=grace&state=signed-in');
    await page.getByText(/^1 session matches: .*User grace.* It ends at once/).waitFor();
    await ageSignIn(server, sid!.value.slice(0, 22));
    await page.getByRole('button', { name: 'End 1 session' }).click();
    await page.waitForURL('**/reauthenticate?next=*');
    expect(await sessionsOf(server, USER.username)).toBe(1);
    await context.close();
  });
});
