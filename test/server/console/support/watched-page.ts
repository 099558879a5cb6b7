import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { BrowserClient } from '../../../support/browser/browser-client.js';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** What Chromium itself reports of an answer that is no success. */
const ANSWERED = /^Failed to load resource: /;

/** How a page is looked at, one after the other, without being loaded again. */
const VIEWS = [
  { view: 'light', colorScheme: 'light', width: 1280, height: 900 },
  { view: 'dark', colorScheme: 'dark', width: 1280, height: 900 },
  { view: 'wide', colorScheme: 'light', width: 1920, height: 1080 },
  { view: 'phone', colorScheme: 'dark', width: 360, height: 740 },
] as const;

/** A page in Chromium whose every violation of a policy, every error and warning is kept. */
export class WatchedPage {
  /** `securitypolicyviolation` events, by the directive and what it has stopped. */
  readonly violations: string[] = [];
  readonly faults: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly session: CDPSession,
  ) {}

  static async open(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<WatchedPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const watched = new WatchedPage(context, page, await context.newCDPSession(page));
    await context.exposeBinding('reportViolation', (_, text: string) => void watched.violations.push(text));
    await context.addInitScript(
      `addEventListener('securitypolicyviolation', (event) => reportViolation(event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sample))`,
    );
    page.on('console', (message) => {
      const isFault = ['error', 'warning'].includes(message.type()) && !ANSWERED.test(message.text());
      if (isFault) watched.faults.push(message.text());
    });
    page.on('pageerror', (error) => watched.faults.push(String(error)));
    return watched;
  }

  /** Runs this where no policy forbids it: in the debugger, not by `eval`. */
  async run<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.session.send('Runtime.evaluate', {
      ...{ expression, awaitPromise: true, returnByValue: true },
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as T;
  }

  /**
   * What somebody would stumble over in any view of the page as it is: what axe-core calls serious, and what is wider
   * than the screen. A picture of each view is written below CONSOLE_SCREENSHOTS, if that is set.
   */
  async barriers(name: string): Promise<string[]> {
    const found: string[] = [];
    await this.run(AXE);
    for (const { view, colorScheme, width, height } of VIEWS) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await this.page.setViewportSize({ width, height });
      await this.#picture(`${name}-${view}`);
      if (view === 'wide') continue;
      const scrollWidth = await this.run<number>('document.documentElement.scrollWidth');
      if (scrollWidth > width) found.push(`${name}, ${view}: ${scrollWidth} pixels wide`);
      const { violations } = await this.run<AxeResults>(`axe.run({ resultTypes: ['violations'] })`);
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical')
          found.push(`${name}, ${view}, ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    }
    await this.page.emulateMedia({ colorScheme: 'light' });
    await this.page.setViewportSize({ width: 1280, height: 900 });
    return found;
  }

  async #picture(name: string): Promise<void> {
    const folder = process.env['CONSOLE_SCREENSHOTS'];
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }
}

/** The cookies of a browser without windows, for one with them. */
export function cookiesOf(client: BrowserClient, url: string): { name: string; value: string; url: string }[] {
  return [...client.cookies].map(([name, value]) => ({ name, value, url }));
}
