import { join } from 'node:path';
import {
  SqliteAnonymousSessions,
  SqliteDatabase,
  SqliteSessionIndex,
  SqliteSessionLocks,
  SqliteSessionStore,
} from 'nest-gatehouse/sqlite';
import {
  anonymousSessionsContract,
  sessionIndexContract,
  sessionLocksContract,
  sessionStoreContract,
} from 'nest-gatehouse/testing';
import { FakeClock } from '../support/apps/fake-clock.js';
import { temporaryDirectory } from './support/temporary-directory.js';

const sqlite = {
  async open() {
    const clock = new FakeClock();
    const directory = temporaryDirectory();
    const database = await SqliteDatabase.open({ file: join(directory.path, 'sessions.db') });
    return {
      store: new SqliteSessionStore(database, clock),
      index: new SqliteSessionIndex(database, clock),
      anonymous: new SqliteAnonymousSessions(database),
      locks: new SqliteSessionLocks(database, clock),
      now: () => clock.now(),
      elapse: async (milliseconds: number) => clock.advance(milliseconds),
      close: async () => {
        await database.close();
        directory.remove();
      },
    };
  },
};

sessionStoreContract('SQLite', sqlite);
sessionIndexContract('SQLite', sqlite);
sessionLocksContract('SQLite', sqlite);
anonymousSessionsContract('SQLite', sqlite);
