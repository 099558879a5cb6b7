import { format, resolveConfig } from 'prettier';
import type { Verdict } from './contract-cases.js';

export interface Column {
  readonly name: string;
  /** The package and its version; null for a store of ours. */
  readonly version: string | null;
  readonly verdicts: readonly Verdict[];
}

const MARKS = { kept: '✓', broken: '**✗**', 'not offered': '–' } as const;

const INTRODUCTION = `# Which rules other stores keep

A session store is chosen once and trusted for years. Here the rules of our \`SessionStore\` contract are asked of the stores that express-session and
@fastify/session users know, and of ours. The table and all traces below are the output of \`npm run conformance -- --write\`.

Stores made for express-session are used through \`ExpressSessionStoreAdapter\` of \`nest-gatehouse/testing\`, which does what
express-session does with them: it reads the whole session, changes it while a handler of 50 ms works, and writes all of it back. So a rule about parallel changes is broken by the
interface (\`get\`, \`set\`, \`destroy\`) as much as by the store: no store behind it can keep both of two changes, or refuse to write a session that has ended.
Run your own store through it:

\`\`\`ts
import { ExpressSessionStoreAdapter } from 'nest-gatehouse/testing';
import session from 'express-session';

const store = new ExpressSessionStoreAdapter(new session.MemoryStore());
\`\`\`
`;

/** The page of the table and what was seen, in Markdown. */
export async function conformancePage(columns: readonly Column[]): Promise<string> {
  const rules = columns[0]!.verdicts.map(({ rule }) => rule);
  const of = (column: Column, rule: string) => column.verdicts.find((verdict) => verdict.rule === rule)!;
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const kept = ({ verdicts }: Column) => {
    const asked = verdicts.filter(({ outcome }) => outcome !== 'not offered');
    return `${asked.filter(({ outcome }) => outcome === 'kept').length} of ${asked.length}`;
  };
  const names = columns.map(({ name, version }) => (version === null ? `Gatehouse, ${name}` : name));
  const lines = [
    INTRODUCTION,
    versionsOf(columns),
    '✓ kept, **✗** broken, – not asked: the store has no users whose sessions could be revoked.',
    '',
    row(['A store …', ...names]),
    row(['---', ...columns.map(() => ':-:')]),
    ...rules.map((rule) => row([escaped(rule), ...columns.map((column) => MARKS[of(column, rule).outcome])])),
    row(['**kept**', ...columns.map(kept)]),
    '',
    ...columns.flatMap((column, at) => tracesOf(column, names[at]!)),
  ];
  const options = await resolveConfig('docs/conformance.md');
  return format(lines.join('\n'), { ...options, parser: 'markdown' });
}

function versionsOf(columns: readonly Column[]): string {
  const versions = columns.flatMap(({ version }) => version ?? []);
  return `Looked at: ${versions.join(', ')}.\n`;
}

function tracesOf({ verdicts }: Column, name: string): string[] {
  const broken = verdicts.filter(({ outcome }) => outcome === 'broken');
  if (broken.length === 0) return [];
  const list = broken.map(({ rule, trace = '' }) => `- ${escaped(rule)}: \`${trace.replaceAll('`', "'")}\``);
  return [`## What was seen: ${name}`, '', ...list, ''];
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('`', "'");
}
