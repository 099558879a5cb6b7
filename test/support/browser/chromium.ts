import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** CHROMIUM_PATH, or what the PATH has. Undefined where there is none, which CI does not accept. */
export function findChromium(): string | undefined {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  const directories = (process.env.PATH ?? '').split(delimiter);
  const found = directories.flatMap((directory) => NAMES.map((name) => join(directory, name))).find(isExecutable);
  if (found === undefined && process.env.CI === 'true')
    throw new Error('No Chromium: install one, or name it in CHROMIUM_PATH.');
  return found;
}
