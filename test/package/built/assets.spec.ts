import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { assetFiles } from '../../../scripts/copy-assets.mjs';
import { readText, ROOT, sourceFiles } from '../source-files.js';

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

describe('Templates, stylesheets, scripts and images', () => {
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

  it('are copied by `nest start --watch` as well', () => {
    const { compilerOptions } = JSON.parse(readText('nest-cli.json')) as { compilerOptions: { assets: string[] } };
    const [, endings = ''] = /\{(.+)\}/.exec(compilerOptions.assets[0]!) ?? [];
    const copied = endings.split(',');
    expect(assets.filter((file) => !copied.includes(file.split('.').at(-1)!))).toEqual([]);
    expect(compilerOptions.assets).toEqual([`**/*.{${endings}}`, `../libs/**/*.{${endings}}`]);
  });

  it('are no strings in the code', () => {
    const MARKUP = /<(?:!doctype|html|head|body|main|div|p|span|form|svg|style|script)\b/;
    const STYLES = /^\s*[.:#]?[\w-]+ \{\n\s*[\w-]+: [^;\n]+;$/m;
    const code = sourceFiles('libs', 'src');
    expect(code.length).toBeGreaterThan(100);
    expect(code.filter((file) => MARKUP.test(readText(file)) || STYLES.test(readText(file)))).toEqual([]);
  });
});
