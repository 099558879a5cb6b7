import { Mongod } from '../support/mongod/mongod.js';
import { NoMongodError } from '../support/mongod/mongod-binary.js';
import { MONGODB_URI } from './servers/mongodb-servers.js';

/** Runs with a mongod of its own, told to every server by the environment; with the reason where none can be had. */
export async function withMongod(run: (missing: string | null) => Promise<void>): Promise<void> {
  let mongod: Mongod;
  try {
    mongod = await Mongod.start({ isOwnGroup: true });
  } catch (error) {
    if (!(error instanceof NoMongodError)) throw error;
    return run(error.message);
  }
  const end = () => mongod.signal('SIGTERM');
  process.once('exit', end);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.env[MONGODB_URI] = mongod.uri;
  try {
    await run(null);
  } finally {
    process.off('exit', end);
    await mongod.stop();
  }
}
