// A process of its own on a SQLite file: node child.mjs MODE FILE [ARGUMENT]. Runs what is built.
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  SqliteAnonymousSessions,
  SqliteDatabase,
  SqliteLoginAttempts,
  SqliteSessionIndex,
  SqliteSessionLocks,
  SqliteSessionStore,
  SqliteUserStore,
} from 'nest-gatehouse/sqlite';

const [mode, file, argument] = process.argv.slice(2);

const modes = {
  async open() {},

  async fill({ store }) {
    await Promise.all(JSON.parse(readFileSync(argument, 'utf8')).map((session) => store.insert(session)));
  },

  async increment({ store }) {
    const update = { data: { increment: new Map([['n', 1]]) } };
    for (let done = 0; done < 1_000; done += 10) {
      await Promise.all(Array.from({ length: 10 }, () => store.update(argument, update)));
    }
  },

  async lock({ locks }) {
    const marker = `${file}.marker`;
    for (let round = 0; round < 25; round++) {
      const lease = await locks.acquire('key', { wait: 20_000, lease: 60_000 });
      closeSync(openSync(marker, 'wx'));
      await nextTurn();
      rmSync(marker);
      tell(lease.fence);
      await locks.release(lease);
    }
  },

  async sweep({ index }) {
    for (let swept = await index.sweep(7); swept.length > 0; swept = await index.sweep(7)) {
      for (const { handle } of swept) tell(handle);
    }
  },

  async evict({ database }) {
    const anonymous = new SqliteAnonymousSessions(database);
    const some = () => anonymous.evictOldest({ sessions: Number(argument), bytes: Infinity }, 7);
    for (let ended = await some(); ended.length > 0; ended = await some()) {
      for (const { handle } of ended) tell(handle);
    }
  },

  async write({ store }) {
    for (;;) {
      const { data } = await store.update(argument, { data: { increment: new Map([['n', 1]]) } });
      tell(JSON.parse(data).n);
    }
  },

  async hold({ database, locks }) {
    await locks.acquire('held', { wait: 0, lease: 300 });
    database.statement('BEGIN IMMEDIATE').run();
    tell('holding');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    database.statement('ROLLBACK').run();
  },

  async guess({ database }) {
    const attempts = new SqliteLoginAttempts(database);
    const policy = { freeFailures: 5, hardLimit: 5, maxDelay: 3_600_000, lockout: 3_600_000 };
    await signal();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => attempts.countFailure('user:alice', policy)));
    for (const { allowed } of outcomes) if (allowed) tell('allowed');
  },

  async raise({ database }) {
    const users = new SqliteUserStore(database);
    await signal();
    for (let n = 0; n < 50; n++) tell((await users.update(argument, { raiseEpoch: true })).epoch);
  },
};

/** Waits until the test has all its processes ready. */
async function signal() {
  tell('ready');
  await new Promise((resolve) => process.stdin.once('data', resolve));
}

function tell(value) {
  process.stdout.write(`${value}\n`);
}

try {
  const database = await SqliteDatabase.open({ file, writeDeadline: '20s' });
  const store = new SqliteSessionStore(database);
  const index = new SqliteSessionIndex(database);
  const locks = new SqliteSessionLocks(database);
  await modes[mode]({ database, store, index, locks });
  await database.close();
} catch (error) {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exitCode = 1;
}
// Standard input would keep the process.
process.stdin.destroy();
