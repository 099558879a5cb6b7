import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../source-files.js';
import { filesOf, type CodeBlock } from '../../support/docs/markdown.js';

/** Where the block stands in what is around it; without it, at the end. */
const PLACE = /^…$/m;

/**
 * Compiles all blocks as one program, against what the package's entries lead to. Each is a module; the named ones of a page are files of
 * one folder, which import each other.
 * @returns what is wrong, each with the page and the line
 */
export function typeErrorsOf(blocks: readonly CodeBlock[]): string[] {
  const modules = new Map(blocks.map((block, index) => [pathOf(block, block.file ?? `${index}.ts`), moduleOf(block)]));
  const borrowed = [...new Set(blocks.map(({ page }) => page))].flatMap((page) =>
    [...filesOf(page, blocks)].map(([file, block]) => [pathOf({ page }, file), moduleOf(block).text] as const),
  );
  const host = hostWith(new Map([...borrowed, ...[...modules].map(([path, { text }]) => [path, text] as const)]));
  const program = ts.createProgram([...modules.keys()], host.options, host);
  return [...modules].flatMap(([path, { block, offset }]) => {
    const file = program.getSourceFile(path)!;
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((fault) => {
      const at = file.getLineAndCharacterOfPosition(fault.start ?? 0).line;
      const message = ts.flattenDiagnosticMessageText(fault.messageText, '\n');
      return `${block.page}:${block.line + at - offset}: ${message}`;
    });
  });
}

function pathOf({ page }: Pick<CodeBlock, 'page'>, file: string): string {
  return join(ROOT, 'docs', 'code', page.replace(/\W/g, '-'), file);
}

interface Module {
  readonly block: CodeBlock;
  readonly text: string;
  /** How many lines are before the block's first. */
  readonly offset: number;
}

function moduleOf(block: CodeBlock): Module {
  const [before, after = ''] = (block.within ?? '').split(PLACE) as [string, string?];
  const text = `${before}\n${block.code}\n${after}\nexport {};\n`;
  return { block, text, offset: before.split('\n').length };
}

interface BlockHost extends ts.CompilerHost {
  readonly options: ts.CompilerOptions;
}

function hostWith(texts: ReadonlyMap<string, string>): BlockHost {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  // What an example leaves unused is used by what it leaves out.
  const unused = { noUnusedLocals: false, noUnusedParameters: false };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, ...unused }, ROOT);
  const host = ts.createCompilerHost(options);
  const folders = new Set([...texts.keys()].map((path) => path.slice(0, path.lastIndexOf('/'))));
  return {
    ...host,
    options,
    fileExists: (path) => texts.has(path) || host.fileExists(path),
    readFile: (path) => texts.get(path) ?? host.readFile(path),
    directoryExists: (path) => folders.has(path) || host.directoryExists!(path),
    getSourceFile: (path, version, ...rest) =>
      texts.has(path)
        ? ts.createSourceFile(path, texts.get(path)!, version)
        : host.getSourceFile(path, version, ...rest),
  };
}
