// Copies what is not TypeScript from libs and src to the same place below dist/, beside the code that reads it: part of `npm run build`.
import { cpSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Templates, stylesheets, scripts and images, as paths from the root with `/`. */
export function assetFiles() {
  return ['libs', 'src'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.ts$|^tsconfig\b/.test(entry.name))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/')),
  );
}

export function copyAssets() {
  for (const file of assetFiles()) cpSync(join(ROOT, file), join(ROOT, 'dist', file));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) copyAssets();
