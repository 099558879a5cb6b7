import ts from 'typescript';
import { readText } from './source-files.js';

/** What a runner, and the contract suites, call a case. */
const CASES = new Set(['it', 'test', 'scenario']);

const known = new Map<string, ReadonlySet<string>>();

/** The titles of the cases in a test file, as they are written: with `%s` where they come from a table. */
export function titlesOf(file: string): ReadonlySet<string> {
  const found = known.get(file) ?? readTitles(file);
  known.set(file, found);
  return found;
}

function readTitles(file: string): ReadonlySet<string> {
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && CASES.has(nameOf(node.expression))) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.add(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readText(file), ts.ScriptTarget.Latest));
  return titles;
}

/** `it` of `it(…)`, of `it.each(…)(…)` and of `it.each<…>(…)(…)`. A case that is skipped is none. */
function nameOf(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text;
  if (ts.isCallExpression(callee)) return nameOf(callee.expression);
  if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'each') return nameOf(callee.expression);
  return '';
}
