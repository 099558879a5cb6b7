// Loaded before the server or the command line: the process is killed at the step of TEST_KILL_AT of the first end of all sessions of a user.
import { MongoosePendingEnds, MongooseSessionIndex, MongooseUserStore } from 'nest-gatehouse/mongoose';
import { SqlitePendingEnds, SqliteSessionIndex, SqliteUserStore } from 'nest-gatehouse/sqlite';

const [method, when] = process.env.TEST_KILL_AT.split(' ');

const classes = {
  update: [SqliteUserStore, MongooseUserStore],
  raiseUserEpoch: [SqliteSessionIndex, MongooseSessionIndex],
  remove: [SqlitePendingEnds, MongoosePendingEnds],
};

for (const { prototype } of classes[method]) {
  const original = prototype[method];
  prototype[method] = async function (...args) {
    // A sign-in updates the account as well.
    const isOfAnEnd = method !== 'update' || args[1].raiseEpoch !== undefined;
    if (isOfAnEnd && when === 'before') process.kill(process.pid, 'SIGKILL');
    const answer = await original.apply(this, args);
    if (isOfAnEnd && when === 'after') process.kill(process.pid, 'SIGKILL');
    return answer;
  };
}
