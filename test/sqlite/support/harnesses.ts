import { join } from 'node:path';
import {
  SqliteAdminJobs,
  SqliteAnonymousSessions,
  SqliteApiKeyStore,
  SqliteAuditLog,
  SqliteDatabase,
  SqliteIdempotencyStore,
  SqliteLoginAttempts,
  SqlitePendingEnds,
  SqliteSessionIndex,
  SqliteSessionLocks,
  SqliteSessionStore,
  SqliteUserStore,
} from 'nest-gatehouse/sqlite';
import type { AdminHarness, AnonymousHarness, AuthHarness, SessmanHarness } from 'nest-gatehouse/testing';
import { FakeClock } from '../../support/apps/fake-clock.js';
import { temporaryDirectory } from './temporary-directory.js';

/** Looks at a database before it is closed. */
type Inspect = (database: SqliteDatabase) => void;

/** What the contract suites of sessions run on. */
export function sessionHarness(inspect: Inspect = () => undefined) {
  return {
    async open(): Promise<AnonymousHarness> {
      const { clock, database, place } = await openEmpty(inspect);
      return {
        store: new SqliteSessionStore(database, clock),
        index: new SqliteSessionIndex(database, clock),
        anonymous: new SqliteAnonymousSessions(database),
        locks: new SqliteSessionLocks(database, clock),
        ...place,
      };
    },
  };
}

/** What the contract suites of authentication run on. */
export function authHarness(inspect: Inspect = () => undefined) {
  return {
    async open(): Promise<AuthHarness> {
      const { clock, database, place } = await openEmpty(inspect);
      return {
        users: new SqliteUserStore(database),
        attempts: new SqliteLoginAttempts(database, clock),
        audit: new SqliteAuditLog(database),
        ends: new SqlitePendingEnds(database),
        ...place,
      };
    },
  };
}

/** What the contract suites of API keys run on. */
export function sessmanHarness(inspect: Inspect = () => undefined) {
  return {
    async open(): Promise<SessmanHarness> {
      const { database, place } = await openEmpty(inspect);
      return { keys: new SqliteApiKeyStore(database), idempotency: new SqliteIdempotencyStore(database), ...place };
    },
  };
}

/** What the contract suite of administration runs on. */
export function adminHarness(inspect: Inspect = () => undefined) {
  return {
    async open(): Promise<AdminHarness> {
      const { database, place } = await openEmpty(inspect);
      return { jobs: new SqliteAdminJobs(database), ...place };
    },
  };
}

async function openEmpty(inspect: Inspect) {
  const clock = new FakeClock();
  const directory = temporaryDirectory();
  const database = await SqliteDatabase.open({ file: join(directory.path, 'gatehouse.db') });
  const place = {
    now: () => clock.now(),
    elapse: async (milliseconds: number) => clock.advance(milliseconds),
    close: async () => {
      inspect(database);
      await database.close();
      directory.remove();
    },
  };
  return { clock, database, place };
}
