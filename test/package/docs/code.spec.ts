import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import JSON5 from 'json5';
import ts from 'typescript';
import { blocksOf, countFences, pages, type CodeBlock } from '../../support/docs/markdown.js';
import { readText, sourceFiles } from '../source-files.js';
import { typeErrorsOf } from './type-check.js';

/** A call of our command, and what follows its name. */
const CALL = /\b(?:npx gatehouse|npm run -s gatehouse --) ([\w:]+)([^#\n]*)/g;

const blocks = pages().flatMap(blocksOf);
const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));
const faultOf = (block: CodeBlock, check: () => void) => {
  try {
    check();
    return [];
  } catch (error) {
    return [`${block.page}:${block.line}: ${(error as Error).message}`];
  }
};

describe('The code in README.md and docs/', () => {
  it('stands in blocks that are all read here', () => {
    const fences = Object.fromEntries(pages().map((page) => [page, countFences(page)]));
    expect(Object.fromEntries(pages().map((page) => [page, blocksOf(page).length * 2]))).toEqual(fences);
  });

  it('type-checks against the entry points, where it is TypeScript', () => {
    const [first, ...others] = inLanguage('ts');
    expect(others.length).toBeGreaterThan(20);
    const wrong: CodeBlock = {
      ...first!,
      page: 'wrong.md',
      code: 'const a = 1;\nconst b: string = a;\n',
      file: undefined,
    };
    const seen = `wrong.md:${wrong.line + 1}: Type 'number' is not assignable to type 'string'.`;
    expect(typeErrorsOf([first!, ...others, wrong])).toEqual([seen]);
  }, 120_000);

  it('can be parsed, where it is JavaScript or JSON', () => {
    const parsed = inLanguage('js', 'json', 'json5').flatMap((block) =>
      faultOf(block, () => {
        if (block.language === 'json') JSON.parse(block.code);
        else if (block.language === 'json5') JSON5.parse(block.code);
        else requireSyntax(block.code);
      }),
    );
    expect(parsed).toEqual([]);
  });

  it('can be typed into a shell, where it is shell', () => {
    const shell = inLanguage('sh').flatMap((block) =>
      faultOf(block, () => execFileSync('bash', ['-n'], { input: block.code, stdio: ['pipe', 'ignore', 'pipe'] })),
    );
    expect(shell).toEqual([]);
  });

  it('names commands, options and scripts that there are', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const sources = sourceFiles('src/cli').map(readText).join('\n');
    const commands = namesIn(sources, /\.command\('([\w:]+)/g);
    const named = inLanguage('sh', 'console').flatMap(({ code }) => [
      ...namesIn(code, /\bnpm run (?:-s )?([\w:]+)/g).map((name) => ({ name, isThere: name in scripts })),
      ...namesIn(code, CALL).map((name) => ({ name, isThere: commands.includes(name) })),
      ...[...code.matchAll(CALL)]
        .flatMap(([, , rest]) => namesIn(rest!, /(--[\w-]+)/g))
        .map((name) => ({ name, isThere: sources.includes(`'${name}`) })),
    ]);
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter(({ isThere }) => !isThere)).toEqual([]);
  });

  it('is in languages that are known here', () => {
    const known = ['ts', 'js', 'json', 'json5', 'sh', 'console', 'html', 'nginx', 'sql', 'text', 'yaml'];
    expect(blocks.filter(({ language }) => !known.includes(language)).map(({ language }) => language)).toEqual([]);
  });
});

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name!);
}

function requireSyntax(code: string): void {
  const { diagnostics = [] } = ts.transpileModule(code, {
    fileName: 'block.js',
    reportDiagnostics: true,
    compilerOptions: { allowJs: true, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext },
  });
  if (diagnostics.length > 0) throw new Error(ts.flattenDiagnosticMessageText(diagnostics[0]!.messageText, '\n'));
}
