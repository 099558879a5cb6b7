import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readText, ROOT } from './source-files.js';

const page = readText('docs/security.md');
const ROW = /^\| (?<id>\d+\.\d+\.\d+) [^|]+ \| (?<level>[123]) \| (?<how>[^|]+) \| (?<shown>[^|]+) \|$/gm;
const rows = [...page.matchAll(ROW)].map(({ groups }) => ({ id: groups!['id']!, shown: groups!['shown']! }));
const pointers = [...page.matchAll(/`(test\/[\w./-]+\.ts)`/g)].map((match) => match[1]!);

/** Chapter 7 of ASVS 5.0, which the claim is about as a whole. */
const SESSION_MANAGEMENT = { '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 3, '7.6': 2 };

describe('docs/security.md', () => {
  it('points at tests that are there', () => {
    expect(pointers.length).toBeGreaterThan(80);
    expect(pointers.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('has a test, or an owner, for every requirement', () => {
    expect(rows.filter(({ shown }) => !/`test\/|_yours_/.test(shown))).toEqual([]);
    const lines = page.split('\n').filter((line) => /^\| \d/.test(line));
    expect(rows).toHaveLength(lines.length);
  });

  it('names each requirement once, and all of session management', () => {
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const expected = Object.entries(SESSION_MANAGEMENT).flatMap(([section, count]) =>
      Array.from({ length: count }, (_, at) => `${section}.${at + 1}`),
    );
    expect(ids.filter((id) => id.startsWith('7.'))).toEqual(expected);
  });
});
