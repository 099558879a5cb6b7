import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { blocksOf, filesOf, pages } from '../../support/docs/markdown.js';
import { ROOT } from '../source-files.js';

// Inside the package, so that it imports the library by its name as an application does.
const HOME = join(ROOT, 'dist', 'docs');
const blocks = pages().flatMap(blocksOf);

/** Writes the named blocks of a page into a folder of their own, and imports one. */
export async function loadFile<T>(
  page: string,
  file: string,
): Promise<{ readonly folder: string; readonly module: T }> {
  await mkdir(HOME, { recursive: true });
  const folder = await mkdtemp(join(HOME, 'page-'));
  const files = [...filesOf(page, blocks)];
  await Promise.all(files.map(([name, { code }]) => writeFile(join(folder, name), code)));
  return { folder, module: (await import(pathToFileURL(join(folder, file)).href)) as T };
}
