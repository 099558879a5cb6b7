import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SqliteDatabase } from 'nest-gatehouse/sqlite';
import {
  adminJobsContract,
  anonymousSessionsContract,
  apiKeyStoreContract,
  auditLogContract,
  hitStoreContract,
  idempotencyStoreContract,
  loginAttemptsContract,
  pendingEndsContract,
  sessionIndexContract,
  sessionLocksContract,
  sessionStoreContract,
  userStoreContract,
} from 'nest-gatehouse/testing';
import { adminHarness, authHarness, hitHarness, sessionHarness, sessmanHarness } from './support/harnesses.js';
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
  // The entries of one step, which the inner query has read along an index.
  ['SCAN entry', / FROM \(SELECT id, [\w, ]+ FROM sessions INDEXED BY \w+ WHERE .* LIMIT \?\) AS entry /],
  // The names of devices, jumping from one to the next.
  ['SCAN names', /^WITH RECURSIVE names /],
  ['SCAN (subquery-1)', /^WITH RECURSIVE names \(name\) AS \( SELECT \* FROM \(SELECT [^()]* LIMIT 1\) /],
];

/** How many entries one step reads along an index, whatever the filter. */
const STEP = /\((SELECT id, .* LIMIT \?)\) AS entry/;
/** Counts all entries of the smallest index, a page at a time. */
const ALL = 'SELECT count(*) FROM sessions INDEXED BY sessions_by_end';
/** The names that were counted in a range: few enough to be sorted. */
const NAMES = /FROM hit_(routes|agents) WHERE unit = \? AND start >= \? AND start < \? GROUP BY /;
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
      ...(await plansOf([hitStoreContract], hitHarness)),
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
    expect(walks.filter(({ sql }) => !/ LIMIT (\d+|\?)/.test(sql) && sql !== ALL && !COUNTED.test(sql))).toEqual([]);
  });

  it('sort nothing but the entries of one step, which an index has in its order', async () => {
    const sorts = steps().filter(({ step }) => step.startsWith('USE TEMP B-TREE'));
    expect(sorts.length).toBeGreaterThan(0);
    expect(sorts.filter(({ sql }) => !STEP.test(sql) && !NAMES.test(sql))).toEqual([]);
    expect.assertions(4);
    await onDatabase((database) => {
      const inner = [...new Set(plans.flatMap(({ sql }) => STEP.exec(sql)?.[1] ?? []))];
      const planned = inner.map((sql) => ({ sql, plan: planOf(database, sql) }));
      expect(planned.filter(({ plan }) => plan.length !== 1 || !/ USING (COVERING )?INDEX /.test(plan[0]!))).toEqual(
        [],
      );
      // A further step begins where the one before has ended, not at the beginning of the range.
      const further = planned.filter(({ sql }) => /\) [<>] \(\?, /.test(sql));
      expect(further.filter(({ plan }) => !/\)[<>]\(\?,/.test(plan[0]!))).toEqual([]);
    });
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
