import { readText } from './source-files.js';

export const PAGE = 'docs/architecture.md';
const PAGES_WITH_POINTERS = [PAGE, 'docs/proof.md'];

/** Parts of the house, and the parts that each may import. */
export type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

export interface Pointer {
  readonly file: string;
  /** A class, function, method or constant in it; undefined where the file itself is meant. */
  readonly name: string | undefined;
}

const ROW = /^\| _?`(?<part>[^`]+)`_? \|[^|]*\|(?<imports>[^|]*)\|$/gm;
const POINTER = /`(?<file>[\w.-]+(?:\/[\w.-]+)+\.(?:ts|mjs|json|md))(?:#(?<name>\w+))?`/g;

/** The table of the page. */
export function arrowsOfPage(): Arrows {
  const rows = [...readText(PAGE).matchAll(ROW)].map(({ groups }) => ({
    part: groups!['part']!,
    imports: groups!['imports']!,
  }));
  const parts = rows.map(({ part }) => part);
  const libraries = parts.filter((part) => part.startsWith('libs/'));
  const meaning = (imports: string): readonly string[] => {
    const text = imports.trim();
    if (text === 'nothing') return [];
    if (text === 'every library') return libraries;
    if (text === 'everything') return parts;
    return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
  };
  return new Map(rows.map(({ part, imports }) => [part, new Set(meaning(imports))]));
}

export function pointersOfPages(): Pointer[] {
  const found = PAGES_WITH_POINTERS.flatMap((page) => [...readText(page).matchAll(POINTER)]);
  return found.map(({ groups }) => ({ file: groups!['file']!, name: groups!['name'] }));
}

/** Rooms of each library, from top to bottom. */
export function roomsOfPage(): ReadonlyMap<string, readonly string[]> {
  const sections = readText(PAGE)
    .split(/^### Rooms of /m)
    .slice(1);
  return new Map(
    sections.map((section) => {
      const library = /^`([^`]+)`/.exec(section)![1]!;
      return [library, [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1]!)];
    }),
  );
}
