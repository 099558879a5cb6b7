import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { assetFiles } from '../../../scripts/copy-assets.mjs';
import { ROOT } from '../source-files.js';

interface Tarball {
  readonly files: readonly { readonly path: string }[];
}

/** What `npm pack` would put into the package as it is built now. */
function packedFiles(): ReadonlySet<string> {
  const flags = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const output = execFileSync('npm', flags, { cwd: ROOT, env, encoding: 'utf8' });
  const [tarball] = JSON.parse(output) as [Tarball];
  return new Set(tarball.files.map(({ path }) => path));
}

const assets = assetFiles();
const ofLibraries = assets.filter((file) => file.startsWith('libs/'));

describe('Templates, stylesheets, scripts and images of the build', () => {
  it('are beside the compiled code, byte by byte', () => {
    expect(assets.length).toBeGreaterThan(20);
    for (const file of assets) {
      const built = readFileSync(join(ROOT, 'dist', file));
      expect([file, built.equals(readFileSync(join(ROOT, file)))]).toEqual([file, true]);
    }
  });

  it('are in the package there, as far as libraries need them', () => {
    const packed = packedFiles();
    expect(packed).toContain('dist/libs/web/src/pages.js');
    expect(ofLibraries.filter((file) => !packed.has(`dist/${file}`))).toEqual([]);
  });
});
