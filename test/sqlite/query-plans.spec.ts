import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SqliteDatabase } from 'nest-gatehouse/sqlite';
import {
  adminJobsContract,
  anonymousSessionsContract,
  apiKeyStoreContract,
  auditLogContract,
  idempotencyStoreContract,
  loginAttemptsContract,
  pendingEndsContract,
  sessionIndexContract,
  sessionLocksContract,
  sessionStoreContract,
  userStoreContract,
} from 'nest-gatehouse/testing';
import { adminHarness, authHarness, sessionHarness, sessmanHarness } from './support/harnesses.js';
import { planOf, plansOf, type Plan } from './support/query-plans.js';

/** What is read without an index, and why that is right. */
const UNINDEXED: readonly (readonly [step: string, of: RegExp])[] = [
  // One row.
  ['SCAN anonymous_usage', /^SELECT sessions, data_bytes FROM anonymous_usage$/],
  ['SCAN fence', /^UPDATE fence SET last = last \+ 1 RETURNING last$/],
  // The table itself is in the order of its ids.
  ['SCAN audit_log', /FROM audit_log (WHERE id [^A-Z]* )?ORDER BY id DESC LIMIT \?$/],
  // The roles of one account.
  ['SCAN json_each EXISTS VIRTUAL TABLE INDEX 1:', /^SELECT 1 FROM users INDEXED BY users_with_roles /],
  // The rows of one block, which the inner query has found along an index.
  ['SCAN sessions', /FROM \(SELECT \* FROM sessions INDEXED BY \w+ WHERE .* LIMIT 256\) AS sessions WHERE /],
];

/** The sessions of one user, or of one address: few enough to be sorted. */
const SORTED = /FROM sessions INDEXED BY (sessions_by_user WHERE user_id = \?|sessions_by_address WHERE ip = \?) /;

/** The number of all entries, which is asked for on purpose. */
const COUNTED = /^SELECT count\(\*\) FROM audit_log$/;

async function onDatabase(look: (database: SqliteDatabase) => void): Promise<void> {
  const harness = await sessionHarness(look).open();
  await harness.close();
}

describe('The statements of the SQLite stores', () => {
  let plans: Plan[];
  let indexes: string[];

  beforeAll(async () => {
    const sessions = [sessionStoreContract, sessionIndexContract, sessionLocksContract, anonymousSessionsContract];
    const auth = [userStoreContract, loginAttemptsContract, auditLogContract, pendingEndsContract];
    const sessman = [apiKeyStoreContract, idempotencyStoreContract];
    plans = [
      ...(await plansOf(sessions, sessionHarness)),
      ...(await plansOf(auth, authHarness)),
      ...(await plansOf(sessman, sessmanHarness)),
      ...(await plansOf([adminJobsContract], adminHarness)),
    ];
    await onDatabase((database) => {
      const rows = database.statement("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL", true);
      indexes = rows.all().map((row) => String((row as unknown[])[0]));
    });
  });

  const steps = () => plans.flatMap(({ sql, steps }) => steps.map((step) => ({ sql, step })));

  it('pass over no table, but for what has one row, is in order or is a block', () => {
    const passes = steps().filter(({ step }) => /^SCAN /.test(step) && !step.includes(' USING '));
    const isNamed = ({ sql, step }: { sql: string; step: string }) =>
      UNINDEXED.some(([named, of]) => named === step && of.test(sql));
    expect(passes.filter((pass) => !isNamed(pass))).toEqual([]);
    for (const [named] of UNINDEXED) expect(passes.map(({ step }) => step)).toContain(named);
  });

  it('walk along an index no further than they must', () => {
    const walks = steps().filter(({ step }) => /^SCAN .* USING /.test(step));
    expect(walks.length).toBeGreaterThan(0);
    expect(walks.filter(({ sql }) => !/ LIMIT (\d+|\?)/.test(sql) && !COUNTED.test(sql))).toEqual([]);
  });

  it('sort nothing but the sessions of one user or of one address', () => {
    const sorts = steps().filter(({ step }) => step.startsWith('USE TEMP B-TREE'));
    expect(sorts.length).toBeGreaterThan(0);
    expect(sorts.filter(({ sql }) => !SORTED.test(sql))).toEqual([]);
  });

  it('use every index there is', () => {
    const used = steps().map(({ step }) => / INDEX (\w+)/.exec(step)?.[1]);
    expect(indexes.length).toBeGreaterThan(10);
    expect(indexes.filter((index) => !used.includes(index))).toEqual([]);
  });

  it('would show a table that is passed over', async () => {
    expect.assertions(1);
    await onDatabase((database) =>
      expect(planOf(database, 'SELECT handle FROM sessions WHERE label = ?')).toEqual(['SCAN sessions']),
    );
  });
});
