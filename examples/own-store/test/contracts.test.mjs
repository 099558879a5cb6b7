import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import {
  anonymousSessionsContract,
  sessionIndexContract,
  sessionLocksContract,
  sessionStoreContract,
} from 'nest-gatehouse/testing';
import { PostgresDatabase } from '../dist/postgres/database.js';
import { PostgresAnonymousSessions } from '../dist/postgres/postgres-anonymous.sessions.js';
import { PostgresSessionIndex } from '../dist/postgres/postgres-session.index.js';
import { PostgresSessionLocks } from '../dist/postgres/postgres-session.locks.js';
import { PostgresSessionStore } from '../dist/postgres/postgres-session.store.js';

const client = new PGlite();
const database = new PostgresDatabase(client);
before(() => database.prepare());
after(() => client.close());

const factory = {
  async open() {
    await client.exec('DELETE FROM sessions; DELETE FROM user_epochs; DELETE FROM session_locks');
    return {
      store: new PostgresSessionStore(database),
      index: new PostgresSessionIndex(database),
      anonymous: new PostgresAnonymousSessions(database),
      locks: new PostgresSessionLocks(database),
      now: () => Date.now(),
      elapse: (milliseconds) => pause(milliseconds),
      close: async () => {},
    };
  },
};

for (const contract of [sessionStoreContract, sessionIndexContract, sessionLocksContract, anonymousSessionsContract]) {
  contract('PostgreSQL', factory, { describe, it });
}
