import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { anchorsOf, linksOf } from '../../support/docs/links.js';
import { pages } from '../../support/docs/markdown.js';
import { readText, ROOT } from '../source-files.js';

const read = [...pages(), 'CHANGELOG.md'];
const links = read.flatMap((page) => linksOf(readText(page)).map((link) => ({ page, ...link })));
const isExternal = (target: string) => /^[a-z]+:/.test(target);

/** What is wrong with a link to this repository; undefined for a good one. */
function faultOf(page: string, target: string): string | undefined {
  const [path, anchor] = target.split('#') as [string, string?];
  const file = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path));
  if (file.startsWith('..') || !existsSync(join(ROOT, file))) return 'no such file';
  if (anchor === undefined) return undefined;
  return file.endsWith('.md') && anchorsOf(readText(file)).has(anchor) ? undefined : 'no such heading';
}

describe('The links of README.md, docs/ and CHANGELOG.md', () => {
  it('lead to files and headings that are there', () => {
    const own = links.filter(({ target }) => !isExternal(target));
    expect(own.length).toBeGreaterThan(50);
    const broken = own.flatMap(({ page, line, target }) => {
      const fault = faultOf(page, target);
      return fault === undefined ? [] : [`${page}:${line}: ${target}: ${fault}`];
    });
    expect(broken).toEqual([]);
    expect(faultOf('README.md', 'docs/nothing.md')).toBe('no such file');
    expect(faultOf('docs/sessions.md', '#nothing')).toBe('no such heading');
  });

  it('are well-formed addresses over HTTPS, where they lead elsewhere', () => {
    const away = links.filter(({ target }) => isExternal(target));
    expect(away.length).toBeGreaterThan(3);
    const wrong = away.filter(({ target }) => !isWellFormed(target));
    expect(wrong).toEqual([]);
  });

  it('lead from the index to every page', () => {
    const index = new Set(linksOf(readText('docs/README.md')).map(({ target }) => `docs/${target.split('#')[0]}`));
    expect(pages().filter((page) => page.startsWith('docs/') && page !== 'docs/README.md' && !index.has(page))).toEqual(
      [],
    );
  });
});

function isWellFormed(target: string): boolean {
  if (!URL.canParse(target)) return false;
  const { protocol, hostname } = new URL(target);
  return protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost');
}
