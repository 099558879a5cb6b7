import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readText, ROOT } from './source-files.js';
import { titlesOf } from './test-titles.js';

interface Requirement {
  readonly number: string;
  readonly level: 1 | 2 | 3;
  readonly paraphrase: string;
  /** What a higher level asks for on top. */
  readonly rises?: Readonly<Record<string, string>>;
}

interface Row {
  readonly number: string;
  readonly level: number;
  readonly how: string;
  readonly words: readonly string[];
  readonly tests: readonly { readonly file: string; readonly title: string }[];
  readonly shown: string;
}

const { requirements } = JSON.parse(readText('docs/asvs.json')) as { requirements: Requirement[] };
const page = readText('docs/security.md');
const WORDS = /\*(kept|yours|not claimed)\*/g;
const POINTER = /`(test\/[\w./-]+\.ts)` “([^”]+)”/g;

const lines = page.split('\n').filter((line) => /^\| \d/.test(line));
const rows = lines.map((line): Row => {
  const [, name = '', level = '', how = '', shown = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  return {
    number: name.split(' ')[0]!,
    level: Number(level),
    how,
    words: [...line.matchAll(WORDS)].map(([, word]) => word!),
    tests: [...shown.matchAll(POINTER)].map(([, file, title]) => ({ file: file!, title: title! })),
    shown,
  };
});

/** How many requirements each chapter of ASVS 5.0.0 has that the claim is about. */
const CHAPTERS: Readonly<Record<string, number>> = {
  ...{ '3.3': 5, '3.4': 8, '3.5': 8, '6.1': 3, '6.2': 12, '6.3': 8, '6.4': 6 },
  ...{ '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 3, '7.6': 2, '8.1': 4, '8.2': 4, '8.3': 3, '8.4': 2 },
  ...{ '14.2': 8, '14.3': 3, '16.1': 1, '16.2': 5, '16.3': 4, '16.4': 3, '16.5': 4 },
};

describe('docs/asvs.json', () => {
  it('has every requirement of its chapters, once, with a level and words of ours', () => {
    const expected = Object.entries(CHAPTERS).flatMap(([chapter, count]) =>
      Array.from({ length: count }, (_, at) => `${chapter}.${at + 1}`),
    );
    expect(requirements.map(({ number }) => number)).toEqual(expected);
    expect(
      requirements.filter(({ level, paraphrase }) => ![1, 2, 3].includes(level) || paraphrase.length < 10),
    ).toEqual([]);
  });
});

describe('docs/security.md', () => {
  it('has one row for each requirement, with its level, and none for another', () => {
    const levels = requirements.map(({ number, level }) => [number, level] as const);
    const found = rows.map(({ number, level }) => [number, level] as const);
    expect(new Map(found).size).toBe(rows.length);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(levels));
  });

  it('says of each one thing: kept, yours or not claimed, and how', () => {
    const wrong = rows.filter(
      ({ words, how }) => words.length !== 1 || !/^\*(kept|yours|not claimed)\*: .{10,}/.test(how),
    );
    expect(wrong.map(({ number }) => number)).toEqual([]);
  });

  it('names a test for all that is kept, and each test that it names is there', () => {
    expect(
      rows.filter(({ words, tests }) => words[0] === 'kept' && tests.length === 0).map(({ number }) => number),
    ).toEqual([]);
    const missing = rows.flatMap(({ number, tests }) =>
      tests
        .filter(({ file, title }) => !existsSync(join(ROOT, file)) || !titlesOf(file).has(title))
        .map((test) => ({ number, ...test })),
    );
    expect(missing).toEqual([]);
  });

  it('points at nothing else in its last column', () => {
    expect(rows.filter(({ shown }) => shown.replaceAll(POINTER, '').trim() !== '').map(({ number }) => number)).toEqual(
      [],
    );
  });

  it('claims all of level 1', () => {
    const open = rows.filter(({ level, words }) => level === 1 && words[0] !== 'kept');
    expect(open.map(({ number }) => number)).toEqual([]);
  });

  it('says what becomes of a requirement at a higher level', () => {
    for (const { number, rises = {} } of requirements) {
      const { how } = rows.find((row) => row.number === number)!;
      for (const level of Object.keys(rises))
        expect([number, how]).toEqual([number, expect.stringMatching(new RegExp(`level ${level}`, 'i'))]);
    }
  });
});
