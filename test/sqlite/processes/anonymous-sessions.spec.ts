import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EndedSession, SessionRecord } from 'nest-gatehouse/session/storage';
import { SqliteAnonymousSessions, SqliteDatabase, SqliteSessionIndex, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { fillFile, startChild } from '../support/child-process.js';
import { newSession } from '../../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

const VERSION_1 = fileURLToPath(new URL('../support/version-1.mjs', import.meta.url));
const KEPT = `SELECT sessions, data_bytes FROM anonymous_usage`;
const COUNTED = `SELECT count(*), ifnull(sum(length(CAST(data AS BLOB))), 0) FROM sessions WHERE user_id IS NULL`;

describe('The anonymous sessions of a SQLite file', () => {
  let directory: TemporaryDirectory;
  let file: string;
  const databases: SqliteDatabase[] = [];

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'sessions.db');
  });

  afterEach(async () => {
    await Promise.all(databases.splice(0).map((database) => database.close()));
    directory.remove();
  });

  async function open(name = file): Promise<SqliteDatabase> {
    const database = await SqliteDatabase.open({ file: name });
    databases.push(database);
    return database;
  }

  const values = (database: SqliteDatabase, sql: string) =>
    Object.values(database.statement(sql).get() as Record<string, number>);
  const text = (length: number) => JSON.stringify({ text: '€'.repeat(length) });

  it('are counted in a file of the first release when it is brought up to date, and evicted then', async () => {
    const sessions = Array.from({ length: 40 }, (_, n) =>
      newSession({ userId: n % 4 === 0 ? 'ann' : null, data: text(n), lastSeenAt: n }),
    );
    await fillFile(file, sessions);
    const old = join(directory.path, 'old.db');
    execFileSync(process.execPath, [VERSION_1, file, old], { env: { ...process.env, NODE_OPTIONS: '' } });
    const database = await open(old);
    expect(values(database, KEPT)).toEqual([30, values(database, COUNTED)[1]]);
    const ended = await new SqliteAnonymousSessions(database).evictOldest({ sessions: 10, bytes: Infinity }, 1_000);
    const oldest = sessions.filter(({ userId }) => userId === null).slice(0, 20);
    expect(handlesOf(ended)).toEqual(handlesOf(oldest));
    expect(values(database, KEPT)).toEqual(values(database, COUNTED));
  });

  it('are counted truly, whatever is done to them, and by whatever program', async () => {
    const database = await open();
    const store = new SqliteSessionStore(database);
    const index = new SqliteSessionIndex(database);
    const records: SessionRecord[] = [];
    const some = (n: number) => records[n % records.length]?.handle ?? 'none';
    const sizes = fc.integer({ min: 0, max: 3_000 });
    const users = fc.constantFrom(null, 'ann', 'ben');
    const number = fc.nat(1_000);
    type Step = () => unknown;
    const steps = fc.oneof(
      fc.tuple(users, sizes).map(([userId, size]): Step => () => {
        records.push(newSession({ userId, data: text(size) }));
        return store.insert(records.at(-1)!);
      }),
      fc.tuple(number, sizes).map(
        ([n, size]): Step =>
          () =>
            store.update(some(n), { data: { set: new Map([['more', JSON.stringify('x'.repeat(size))]]) } }),
      ),
      fc.tuple(number, users).map(
        ([n, userId]): Step =>
          () =>
            store.update(some(n), { fields: { userId } }),
      ),
      number.map(
        (n): Step =>
          () =>
            store.update(some(n), { fields: { lastSeenAt: n } }),
      ),
      number.map(
        (n): Step =>
          () =>
            store.delete(some(n)),
      ),
      users.map(
        (userId): Step =>
          () =>
            index.end({ userId }, 2),
      ),
      number.map(
        (n): Step =>
          () =>
            database.statement('DELETE FROM sessions WHERE id % 7 = ?').run(n % 7),
      ),
      number.map(
        (n): Step =>
          () =>
            new SqliteAnonymousSessions(database).evictOldest({ sessions: n % 20, bytes: Infinity }, 3),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (sequence) => {
        for (const step of sequence) await step();
        expect(values(database, KEPT)).toEqual(values(database, COUNTED));
      }),
      { numRuns: 60 },
    );
  });

  it('are found by one step in an index of their own, and their number in one row', async () => {
    const database = await open();
    const store = new SqliteSessionStore(database);
    for (let n = 0; n < 5; n++) await store.insert(newSession());
    const asked = new Set<string>();
    const statement = database.statement.bind(database);
    database.statement = (sql, arrays) => {
      asked.add(sql);
      return statement(sql, arrays);
    };
    await new SqliteAnonymousSessions(database).evictOldest({ sessions: 2, bytes: Infinity }, 10);
    const plans = [...asked].map((sql) =>
      statement(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map((row) => (row as { detail: string }).detail),
    );
    expect(plans.map((plan) => plan.filter((step) => /SCAN|SEARCH|TEMP/.test(step)))).toEqual([
      ['SCAN anonymous_usage'],
      ['SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)', 'SCAN sessions USING COVERING INDEX sessions_anonymous'],
    ]);
  });

  it('go in batches that do not hold the event loop, however large they are', async () => {
    const database = await open();
    const store = new SqliteSessionStore(database);
    await Promise.all(Array.from({ length: 120 }, () => store.insert(newSession({ data: text(20_000) }))));
    const anonymous = new SqliteAnonymousSessions(database);
    const batch = await anonymous.evictOldest({ sessions: 1, bytes: Infinity }, 1_000);
    expect(batch.length).toBeGreaterThan(20);
    expect(batch.length).toBeLessThan(60);
  });

  it('are evicted once each by processes that do it together', async () => {
    const sessions = Array.from({ length: 1_500 }, (_, n) => newSession({ lastSeenAt: n }));
    await fillFile(file, sessions);
    const results = await Promise.all([startChild('evict', file, '200').ended, startChild('evict', file, '200').ended]);
    expect(results.map(({ errors }) => errors)).toEqual(['', '']);
    const told = results.flatMap(({ lines }) => lines);
    expect(told.sort()).toEqual(handlesOf(sessions.slice(0, 1_300)));
    const database = await open();
    expect(values(database, KEPT)).toEqual(values(database, COUNTED));
    expect(values(database, KEPT)[0]).toBe(200);
  });
});

function handlesOf(sessions: readonly (EndedSession | SessionRecord)[]): string[] {
  return Array.from(sessions, ({ handle }) => handle).sort();
}
