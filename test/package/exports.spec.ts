import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { EXPORTED_NAMES } from './exported-names.js';
import { readText } from './source-files.js';

interface Entry {
  readonly source: string;
  readonly types: string;
  readonly default: string;
}

const manifest = JSON.parse(readText('package.json')) as { exports: Record<string, Entry | string> };
const entries = Object.entries(manifest.exports).filter(
  (entry): entry is [string, Entry] => typeof entry[1] === 'object',
);

describe('The package', () => {
  it('has these entry points', () => {
    expect(entries.map(([name]) => name).sort()).toEqual(Object.keys(EXPORTED_NAMES).sort());
  });

  it.each(entries)('exports from %s what is listed in exported-names.ts, each name explicitly', (name, { source }) => {
    expect(namesExportedBy(source)).toEqual([...(EXPORTED_NAMES[name] ?? [])].sort());
  });

  it.each([
    ['./session', 45],
    ['./auth', 50],
  ])('has from %s no more than %i names, so that an application finds its own', (name, most) => {
    expect(EXPORTED_NAMES[name]!.length).toBeLessThanOrEqual(most);
  });

  it.each(entries)('builds %s from its source', (_name, { source, types, default: code }) => {
    const built = source.replace(/^\.\//, './dist/').replace(/\.ts$/, '');
    expect([types, code]).toEqual([`${built}.d.ts`, `${built}.js`]);
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
