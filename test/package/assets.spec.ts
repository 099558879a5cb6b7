import { describe, expect, it } from '@jest/globals';
import { assetFiles } from '../../scripts/copy-assets.mjs';
import { readText, sourceFiles } from './source-files.js';

describe('Templates, stylesheets, scripts and images', () => {
  it('are copied by `nest start --watch` as well', () => {
    const { compilerOptions } = JSON.parse(readText('nest-cli.json')) as { compilerOptions: { assets: string[] } };
    const [, endings = ''] = /\{(.+)\}/.exec(compilerOptions.assets[0]!) ?? [];
    const copied = endings.split(',');
    expect(assetFiles().filter((file) => !copied.includes(file.split('.').at(-1)!))).toEqual([]);
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
