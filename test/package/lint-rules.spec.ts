import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './source-files.js';

const ESLINT = join(dirname(createRequire(import.meta.url).resolve('eslint/package.json')), 'bin/eslint.js');
const RULE = 'gatehouse/no-skipped-work';

/** The lines on which the rule fires, with the configuration of this repository. */
async function lintedLines(lines: readonly string[]): Promise<number[]> {
  const flags = ['--stdin', '--stdin-filename', 'sample.mjs', '--format', 'json', '--no-warn-ignored'];
  const child = execFile(process.execPath, [ESLINT, ...flags], {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  child.stdin!.end(lines.join('\n'));
  const [file] = JSON.parse(await text(child.stdout!)) as [{ messages: { ruleId: string; line: number }[] }];
  return file.messages.filter(({ ruleId }) => ruleId === RULE).map(({ line }) => line - 1);
}

const SKIPPED = [
  'tell?.(await save());',
  'log?.write(await save());',
  'log?.lines.push(1, [await save()]);',
  'log?.write({ ...(await save()) });',
  'log?.write(`${await save()}`);',
  'log?.write(other(await save()));',
  'log?.[await save()];',
  'log?.[(await save()).name].write();',
  'log.write?.(await save()).flush();',
  'log?.flush().write(await save());',
  'log?.write(n++);',
  'log?.write(--n);',
  'log?.write((n = 2));',
  'log?.write((n ||= 2));',
  'log?.write(delete log.name);',
  "log?.write(import('./other.mjs'));",
  'other(log?.write(await save()));',
  'log?.write(log?.write(await save()));',
];

const EVALUATED = [
  'const saved = await save();',
  'tell?.(saved);',
  'tell(await save());',
  '(await save())?.name;',
  '(await save())?.write(saved);',
  'other(await save())?.write(saved);',
  'log.write(await save())?.name;',
  'await log?.write(saved);',
  'log?.write(async () => await save());',
  'log?.write(() => { n++; });',
  'log?.write(function () { n = 3; });',
  'log?.write(saved?.name ?? n);',
  'n = log?.write(saved);',
  '(log?.writer).write(await save());',
];

describe('The lint rules', () => {
  it('keep work out of where an optional chain may leave it out', async () => {
    const lines = [...SKIPPED, ...EVALUATED];
    const fired = [...new Set(await lintedLines(lines))].map((line) => lines[line]);
    expect(fired).toEqual(SKIPPED);
  });
});
