// A process of its own whose contracts of sessions, on a SQLite file, another process calls: fork(…, [FILE]). Runs what is built.
import { SqliteDatabase, SqliteSessionIndex, SqliteSessionLocks, SqliteSessionStore } from 'nest-gatehouse/sqlite';

const clock = { now: () => clock.at, at: 0 };
const database = await SqliteDatabase.open({ file: process.argv[2], writeDeadline: '20s' });
const contracts = {
  store: new SqliteSessionStore(database, clock),
  index: new SqliteSessionIndex(database, clock),
  locks: new SqliteSessionLocks(database, clock),
};

process.on('message', async ({ id, contract, method, values, at }) => {
  clock.at = at;
  try {
    process.send({ id, value: await contracts[contract][method](...values) });
  } catch ({ name, message }) {
    process.send({ id, error: { name, message } });
  }
});
process.on('disconnect', async () => {
  await database.close();
  process.exit();
});
process.send('ready');
