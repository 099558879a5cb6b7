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
  const outputs = ['tsconfig.build.json', 'libs/client/tsconfig.build.json'].map((project) => {
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, encoding: 'utf8' });
    return status === 0 ? '' : stdout;
  });
  const stdout = outputs.join('');
  if (stdout === '') return;
  // What does not type-check is built all the same, and `npm run typecheck` is the one to refuse it.
  if (!existsSync(`${root}/dist/src/main.js`)) throw new Error(`The build failed:\n${stdout}`);
  process.stderr.write(`The build has type errors:\n${stdout}\n`);
}
