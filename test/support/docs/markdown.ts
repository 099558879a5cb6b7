import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readText, ROOT } from '../../package/source-files.js';

/** A fenced block of a page. */
export interface CodeBlock {
  readonly page: string;
  /** The line of the page on which the code begins, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** The name that its first line gives to a block of TypeScript: `// people.store.ts`. */
  readonly file: string | undefined;
  /** What the comment `<!-- within … -->` before it has, where it is part of something. */
  readonly within: string | undefined;
  /** What the comment `<!-- run app.module.ts -->` before it names: the application that answers these calls. */
  readonly run: string | undefined;
}

const BLOCK = /(?:^<!-- (within|run)\s([^]*?)-->\n\n?)?^```(\S+)\n([^]*?)^```$/gm;
const FILE_NAME = /^\/\/ ([\w./-]+\.ts)\n/;

/** What a reader reads. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)];
}

export function blocksOf(page: string): CodeBlock[] {
  const text = readText(page);
  return [...text.matchAll(BLOCK)].map((match) => {
    const [all, comment, content, language, code] = match as unknown as [string, string?, string?, string?, string?];
    const before = text.slice(0, match.index) + all.slice(0, all.indexOf('```'));
    return {
      page,
      line: before.split('\n').length + 1,
      language: language!,
      code: code!,
      file: FILE_NAME.exec(code!)?.[1],
      within: comment === 'within' ? content : undefined,
      run: comment === 'run' ? content!.trim() : undefined,
    };
  });
}

/** The files of a page's application: its own named blocks, and those of other pages where it has none of that name. */
export function filesOf(page: string, blocks: readonly CodeBlock[]): ReadonlyMap<string, CodeBlock> {
  const named = blocks.filter(({ language, file }) => language === 'ts' && file !== undefined);
  const own = named.filter((block) => block.page === page);
  const others = named.filter((block) => block.page !== page);
  return new Map([...others.reverse(), ...own].map((block) => [block.file!, block]));
}

/** How many fences a page has, at whatever indentation. */
export function countFences(page: string): number {
  return readText(page).match(/^\s*```/gm)?.length ?? 0;
}
