import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { EXPORTED_NAMES } from './exported-names.js';
import { readText, SOURCE } from './source-files.js';

interface Target {
  readonly types: string;
  readonly default: string;
}

interface Entry {
  readonly [SOURCE]: string;
  readonly import: Target;
  readonly 'module-sync': Target;
  readonly require: Target;
}

const manifest = JSON.parse(readText('package.json')) as { exports: Record<string, Entry | string> };
const entries = Object.entries(manifest.exports).filter(
  (entry): entry is [string, Entry] => typeof entry[1] === 'object',
);

describe('The package', () => {
  it('has these entry points', () => {
    expect(entries.map(([name]) => name).sort()).toEqual(Object.keys(EXPORTED_NAMES).sort());
  });

  it.each(entries)(
    'exports from %s what is listed in exported-names.ts, each name explicitly',
    (name, { [SOURCE]: source }) => {
      expect(namesExportedBy(source)).toEqual([...(EXPORTED_NAMES[name] ?? [])].sort());
    },
  );

  it.each([
    ['./session', 45],
    ['./auth', 50],
  ])('has from %s no more than %i names, so that an application finds its own', (name, most) => {
    expect(EXPORTED_NAMES[name]!.length).toBeLessThanOrEqual(most);
  });

  // The order counts: whoever knows `module-sync`, as Node does, gets one instance whether by `import` or by `require`.
  it.each(entries)('builds %s from its source, as an ES module and for CommonJS', (_name, entry) => {
    const built = entry[SOURCE].replace(/^\.\//, './dist/').replace(/\.ts$/, '');
    const module = { types: `${built}.d.ts`, default: `${built}.js` };
    const commonJs = { types: `${built}.d.cts`, default: `${built}.cjs` };
    expect(Object.entries(entry)).toEqual([
      [SOURCE, entry[SOURCE]],
      ['import', module],
      ['module-sync', module],
      ['require', commonJs],
    ]);
  });
});

/** Types too. @throws Error for `export *`, which says no names */
function namesExportedBy(source: string): string[] {
  const file = ts.createSourceFile(source, readText(source), ts.ScriptTarget.Latest);
  return file.statements
    .filter(ts.isExportDeclaration)
    .flatMap(({ exportClause }) => {
      if (!exportClause || !ts.isNamedExports(exportClause)) throw new Error(`${source} has an export without names.`);
      return exportClause.elements.map(({ name }) => name.text);
    })
    .sort();
}
