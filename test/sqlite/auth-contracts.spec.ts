import { join } from 'node:path';
import {
  SqliteAuditLog,
  SqliteDatabase,
  SqliteLoginAttempts,
  SqlitePendingEnds,
  SqliteUserStore,
} from 'nest-gatehouse/sqlite';
import {
  auditLogContract,
  loginAttemptsContract,
  pendingEndsContract,
  userStoreContract,
} from 'nest-gatehouse/testing';
import { FakeClock } from '../support/apps/fake-clock.js';
import { temporaryDirectory } from './support/temporary-directory.js';

const sqlite = {
  async open() {
    const clock = new FakeClock();
    const directory = temporaryDirectory();
    const database = await SqliteDatabase.open({ file: join(directory.path, 'auth.db') });
    return {
      users: new SqliteUserStore(database),
      attempts: new SqliteLoginAttempts(database, clock),
      audit: new SqliteAuditLog(database),
      ends: new SqlitePendingEnds(database),
      now: () => clock.now(),
      elapse: async (milliseconds: number) => clock.advance(milliseconds),
      close: async () => {
        await database.close();
        directory.remove();
      },
    };
  },
};

userStoreContract('SQLite', sqlite);
loginAttemptsContract('SQLite', sqlite);
auditLogContract('SQLite', sqlite);
pendingEndsContract('SQLite', sqlite);
