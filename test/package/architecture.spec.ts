import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { arrowsOfPage, pointersOfPage, type Arrows } from './architecture-page.js';
import { importsOfHouse, isOwnPackage, type Import } from './imports.js';
import { readText, ROOT, sourceFiles } from './source-files.js';

const arrows = arrowsOfPage();
const parts = [...arrows.keys()];
const imports = importsOfHouse(parts);
const tell = ({ file, specifier }: Import) => `${file} imports ${specifier}`;

describe('docs/architecture.md', () => {
  it('has a place for every source file', () => {
    const homeless = sourceFiles('libs', 'src', 'test').filter(
      (file) => !parts.some((part) => file.startsWith(`${part}/`)),
    );
    expect(homeless).toEqual([]);
  });

  it('draws no circle between libraries', () => {
    expect(parts.filter((part) => part.startsWith('libs/') && reachable(part, arrows).has(part))).toEqual([]);
  });

  it('allows every import between parts', () => {
    expect(imports.length).toBeGreaterThan(100);
    const against = imports.filter(({ from, to }) => to !== null && to !== from && !arrows.get(from)!.has(to));
    expect(against.map(tell)).toEqual([]);
  });

  it('points at files and names that are there', () => {
    const pointers = pointersOfPage();
    expect(pointers.length).toBeGreaterThan(20);
    const wrong = pointers.filter(
      ({ file, name }) => !existsSync(join(ROOT, file)) || (name !== undefined && !namesIn(file).has(name)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('A library', () => {
  it('is imported through its index.ts alone', () => {
    const deep = imports.filter(({ from, to, target }) => {
      const crosses = to !== from && to !== null && (to.startsWith('libs/') || to === 'test/contracts');
      return crosses && !target!.endsWith('/index');
    });
    expect(deep.map(tell)).toEqual([]);
  });

  it('is imported by the name of one of its entry points', () => {
    const unknown = imports.filter(({ specifier, target }) => isOwnPackage(specifier) && target === null);
    expect(unknown.map(tell)).toEqual([]);
    const relative = imports.filter(
      ({ from, to, specifier }) => to?.startsWith('libs/') && to !== from && !isOwnPackage(specifier),
    );
    expect(relative.map(tell)).toEqual([]);
  });
});

function reachable(part: string, all: Arrows, seen = new Set<string>()): Set<string> {
  for (const next of all.get(part) ?? []) {
    if (seen.has(next)) continue;
    seen.add(next);
    reachable(next, all, seen);
  }
  return seen;
}

/** Whatever a file declares: classes, functions, methods, constants. A private name counts without its `#`. */
function namesIn(file: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const { name } = node as ts.NamedDeclaration;
    const isNamed = name && (ts.isIdentifier(name) || ts.isPrivateIdentifier(name));
    if (isNamed && !ts.isPropertyAssignment(node)) names.add(name.text.replace('#', ''));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readText(file), ts.ScriptTarget.Latest));
  return names;
}
