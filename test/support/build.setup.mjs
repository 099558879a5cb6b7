import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { copyAssets } from '../../scripts/copy-assets.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Before all suites: builds the reference server, for those that run it as a process of its own. */
export function buildServer() {
  copyAssets();
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  // `-b` reads no program where nothing has changed. Types are for `npm run typecheck` to check, which takes as long again.
  const projects = ['tsconfig.build.json', 'libs/client/tsconfig.build.json'];
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-b', ...projects, '--noCheck'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) return;
  if (!existsSync(`${root}/dist/src/main.js`)) throw new Error(`The build failed:\n${stdout}`);
  process.stderr.write(`The build has errors:\n${stdout}\n`);
}
