// A process of its own that does on a SQLite file what it is told, one line of JSON at a time: node store-commands.mjs FILE. Runs what is built.
import { createInterface } from 'node:readline';
import {
  SqliteApiKeyStore,
  SqliteAuditLog,
  SqliteDatabase,
  SqliteIdempotencyStore,
  SqliteLoginAttempts,
  SqlitePendingEnds,
  SqliteSessionIndex,
  SqliteSessionStore,
  SqliteUserStore,
} from 'nest-gatehouse/sqlite';

const [file] = process.argv.slice(2);
let database;
let parts;

const commands = {
  async open() {
    database = await SqliteDatabase.open({ file });
    parts = {
      store: new SqliteSessionStore(database),
      index: new SqliteSessionIndex(database),
      users: new SqliteUserStore(database),
      attempts: new SqliteLoginAttempts(database),
      audit: new SqliteAuditLog(database),
      ends: new SqlitePendingEnds(database),
      keys: new SqliteApiKeyStore(database),
      idempotency: new SqliteIdempotencyStore(database),
      database,
    };
  },

  /** Any method of any of the parts. */
  async call(part, method, ...values) {
    return parts[part][method](...values);
  },

  /** Those that were stored, of many that are inserted at once. */
  async insertAll(records) {
    const results = await Promise.allSettled(records.map((record) => parts.store.insert(record)));
    return records.filter((_, n) => results[n].status === 'fulfilled').map(({ handle }) => handle);
  },

  /** The outcomes of claims that are made at once. */
  async claimAll(claims) {
    const outcomes = await Promise.all(claims.map((claim) => parts.idempotency.claim(claim)));
    return outcomes.map(({ status }) => status);
  },

  async close() {
    await database.close();
  },

  /** Keeps the present state of the file in sight. */
  async startReading() {
    database.statement('BEGIN').run();
    database.statement('SELECT count(*) FROM sessions').get();
  },

  async stopReading() {
    database.statement('ROLLBACK').run();
  },

  /** Changes the data of a session so often; answers the failure that came first. */
  async change(handle, times, length) {
    for (let n = 0; n < times; n++) {
      const value = JSON.stringify(String(n).padEnd(length, '.'));
      try {
        await parts.store.update(handle, { data: { set: new Map([['value', value]]) } });
      } catch (error) {
        return error.failure;
      }
    }
    return null;
  },
};

for await (const line of createInterface(process.stdin)) {
  const { id, name, values } = JSON.parse(line);
  try {
    answer({ id, value: (await commands[name](...values)) ?? null });
  } catch (error) {
    const { failure, fault } = error;
    answer({ id, error: { name: error.name, message: error.message, failure, fault } });
  }
}

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
