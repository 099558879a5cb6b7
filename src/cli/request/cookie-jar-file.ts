import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { CookieJar } from 'tough-cookie';
import { CommandRefused } from '../failures.js';

export interface OpenJar {
  cookieHeader(url: URL): Promise<string>;
  /** Keeps what `Set-Cookie` lines say, in the file too. */
  keep(lines: readonly string[], url: URL): Promise<void>;
}

/** @param path none: nothing is kept. @throws CommandRefused if the file is no jar */
export async function openJar(path: string | undefined): Promise<OpenJar> {
  const jar = path === undefined ? new CookieJar() : await readJar(path);
  return {
    // A browser takes http://localhost for secure; so does who learns with it.
    cookieHeader: (url) => jar.getCookieString(secured(url)),
    async keep(lines, url) {
      // What a browser would refuse is not kept; the answer still shows it.
      for (const line of lines) await jar.setCookie(line, secured(url), { ignoreError: true });
      if (path !== undefined) await writeJar(path, jar);
    },
  };
}

async function readJar(path: string): Promise<CookieJar> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return new CookieJar();
    throw new CommandRefused(400, 'jar_invalid', `The jar ${path} cannot be read (${code}); correct its permissions.`);
  }
  try {
    return CookieJar.deserializeSync(text);
  } catch {
    throw new CommandRefused(400, 'jar_invalid', `${path} is no jar of cookies; name another file, or remove it.`);
  }
}

/** It holds secrets, so it is for its owner's eyes; a half-written one never replaces a whole one. */
async function writeJar(path: string, jar: CookieJar): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, `${JSON.stringify(jar.serializeSync(), null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, path);
}

function secured(url: URL): string {
  const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname) || url.hostname.endsWith('.localhost');
  return isLocal ? url.href.replace(/^http:/, 'https:') : url.href;
}
