import { posix } from 'node:path';
import ts from 'typescript';
import { readText, SOURCE, sourceFiles } from './source-files.js';

const PACKAGE = 'nest-gatehouse';

export interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly from: string;
  /** Null for what is no part of the house: Node, dependencies, data files. */
  readonly to: string | null;
  /** The file that is meant, without its extension; null where `exports` does not lead to one. */
  readonly target: string | null;
}

interface Exports {
  readonly exports: Readonly<Record<string, string | { readonly [SOURCE]: string }>>;
}

/** Every import, `export from` and dynamic import of the sources. */
export function importsOfHouse(parts: readonly string[]): Import[] {
  return sourceFiles('libs', 'src', 'test').flatMap((file) => {
    const specifiers = ts.preProcessFile(readText(file), true, true).importedFiles.map(({ fileName }) => fileName);
    return specifiers.map((specifier) => {
      const target = targetOf(file, specifier);
      return {
        file,
        specifier,
        target,
        from: partOf(file, parts)!,
        to: target === null ? null : partOf(target, parts),
      };
    });
  });
}

export function isOwnPackage(specifier: string): boolean {
  return specifier === PACKAGE || specifier.startsWith(`${PACKAGE}/`);
}

export function partOf(path: string, parts: readonly string[]): string | null {
  const holders = parts.filter((part) => path.startsWith(`${part}/`));
  return holders.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** What entry points lead to, without extensions. */
export function entryTargets(): ReadonlySet<string> {
  return new Set(
    Object.values(entries).flatMap((entry) =>
      typeof entry === 'object' ? [withoutExtension(posix.normalize(entry[SOURCE]))] : [],
    ),
  );
}

const entries = (JSON.parse(readText('package.json')) as Exports).exports;

function targetOf(file: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return withoutExtension(posix.join(posix.dirname(file), specifier));
  if (!isOwnPackage(specifier)) return null;
  const entry = entries[`.${specifier.slice(PACKAGE.length)}`];
  return typeof entry === 'object' ? withoutExtension(posix.normalize(entry[SOURCE])) : null;
}

function withoutExtension(path: string): string {
  return path.replace(/\.(?:js|ts)$/, '');
}
