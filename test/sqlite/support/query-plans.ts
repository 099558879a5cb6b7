import { jest } from '@jest/globals';
import { SqliteDatabase } from 'nest-gatehouse/sqlite';
import type { TestRunner } from 'nest-gatehouse/testing';

/** What SQLite does for a statement. */
export interface Plan {
  /** In one line. */
  readonly sql: string;
  /** Such as `SEARCH users USING INDEX …`. */
  readonly steps: readonly string[];
}

type Contract<Harness> = (name: string, factory: { open(): Promise<Harness> }, runner?: TestRunner) => void;

/** Of every statement that a run of these contract suites makes the stores prepare, on a database that holds what a scenario has stored. */
export async function plansOf<Harness>(
  contracts: readonly Contract<Harness>[],
  harness: (inspect: (database: SqliteDatabase) => void) => { open(): Promise<Harness> },
): Promise<Plan[]> {
  const plans = new Map<string, readonly string[]>();
  const prepare = jest.spyOn(SqliteDatabase.prototype, 'statement');
  const factory = harness((database) => {
    const texts = new Set(prepare.mock.calls.map(([sql]) => sql));
    for (const text of texts) plans.set(text, plans.get(text) ?? planOf(database, text));
    prepare.mockClear();
  });

  const scenarios: (() => Promise<void>)[] = [];
  const runner: TestRunner = { describe: (_, body) => body(), it: (_, body) => scenarios.push(body) };
  for (const contract of contracts) contract('SQLite', factory, runner);
  for (const scenario of scenarios) await scenario();
  prepare.mockRestore();
  return [...plans].map(([sql, steps]) => ({ sql: sql.replace(/\s+/g, ' ').trim(), steps }));
}

export function planOf(database: SqliteDatabase, sql: string): string[] {
  const rows = database.statement(`EXPLAIN QUERY PLAN ${sql}`, true).all() as unknown as unknown[][];
  return rows.map((row) => String(row[3]));
}
