import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import type { Browser } from 'playwright-core';

/** The headless shell first: the same engine without the windows of a desktop, for a quarter of the CPU. */
const NAMES = [
  'chromium-headless-shell',
  'chrome-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  // Pages of these names are no secure context, unlike those of localhost.
  '--host-resolver-rules=MAP *.example 127.0.0.1',
];

/** CHROMIUM_PATH, or what the PATH has. Undefined where there is none. @throws Error in CI where there is none */
function findChromium(): string | undefined {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  const directories = (process.env.PATH ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => directories.map((directory) => join(directory, name))).find(isExecutable);
  if (found === undefined && process.env.CI === 'true')
    throw new Error('No Chromium: install one, or name it in CHROMIUM_PATH.');
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const executablePath = findChromium();
const reason = executablePath === undefined ? ' (skipped: no Chromium in CHROMIUM_PATH or PATH)' : '';

let browser: Promise<Browser> | undefined;

afterAll(async () => {
  await (await browser)?.close();
});

/** The one Chromium of a test file. Who uses it closes the contexts and pages that he has opened. */
export function chromiumOfFile(): Promise<Browser> {
  browser ??= import('playwright-core').then(({ chromium }) => chromium.launch({ executablePath, args: ARGUMENTS }));
  return browser;
}

/** `describe` of what is seen in Chromium, or `describe.skip` with the reason in its name. */
export function describeInChromium(name: string, suite: () => void): void {
  (executablePath === undefined ? describe.skip : describe)(`${name} in Chromium${reason}`, suite);
}

/** `it` in Chromium, or `it.skip` with the reason in its name. */
export function itInChromium(name: string, test: () => Promise<void>): void {
  (executablePath === undefined ? it.skip : it)(`${name} in Chromium${reason}`, test);
}
