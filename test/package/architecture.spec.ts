import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { arrowsOfPage, pointersOfPages, roomsOfPage, type Arrows } from './architecture-page.js';
import { circlesAmong } from './circles.js';
import { entryTargets, importsOfHouse, isOwnPackage, type Import } from './imports.js';
import { readText, ROOT, sourceFiles } from './source-files.js';

const MAX_LINES = 250;
/** Files at the root of a library that are above all of its rooms. */
const TOP = 'top';
const CONFIGURATION = /\.(?:options|tokens|problems|types)\.ts$/;
const LIBRARIES_WITH_ROOMS = [
  'libs/admin',
  'libs/auth',
  'libs/hits',
  'libs/mongoose',
  'libs/session',
  'libs/sessman',
  'libs/sqlite',
  'libs/web',
];

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
    const pointers = pointersOfPages();
    expect(pointers.length).toBeGreaterThan(20);
    const wrong = pointers.filter(
      ({ file, name }) => !existsSync(join(ROOT, file)) || (name !== undefined && !namesIn(file).has(name)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('A library', () => {
  const entries = entryTargets();
  const rooms = roomsOfPage();

  it('is imported through its entries alone', () => {
    const deep = imports.filter(({ from, to, target }) => {
      const crosses = to !== from && to !== null && (to.startsWith('libs/') || to === 'test/contracts');
      return crosses && !entries.has(target!);
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

  it('has all of its rooms on the page', () => {
    expect([...rooms.keys()].sort()).toEqual(LIBRARIES_WITH_ROOMS);
    for (const [library, listed] of rooms) {
      const used = new Set(sourceFiles(library).map((file) => roomOf(file, library)));
      used.delete(TOP);
      expect([library, ...used].sort()).toEqual([library, ...listed].sort());
    }
  });

  it('imports downwards from room to room', () => {
    const upwards = imports.filter(({ file, from, to, target }) => {
      const order = rooms.get(from);
      if (!order || to !== from) return false;
      const level = (path: string) => order.indexOf(roomOf(path, from));
      return level(`${target}.ts`) < level(file);
    });
    expect(upwards.map(tell)).toEqual([]);
  });
});

describe('A source file', () => {
  it('is in no circle of imports, types included', () => {
    const edges = imports.flatMap(({ file, target }) => (target === null ? [] : [[file, `${target}.ts`] as const]));
    expect(
      circlesAmong([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
        ['c', 'd'],
      ]),
    ).toEqual([['a', 'b', 'c']]);
    expect(circlesAmong(edges)).toEqual([]);
  });

  it('has at most 250 lines', () => {
    const long = sourceFiles('libs', 'src').filter((file) => !file.endsWith('.data.ts') && linesOf(file) > MAX_LINES);
    expect(long).toEqual([]);
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

function roomOf(file: string, library: string): string {
  const [room, ...rest] = file.slice(`${library}/src/`.length).split('/');
  if (rest.length > 0) return room!;
  return CONFIGURATION.test(file) ? 'configuration' : TOP;
}

function linesOf(file: string): number {
  return readText(file).trimEnd().split('\n').length;
}
