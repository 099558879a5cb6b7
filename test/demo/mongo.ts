import { resolve } from 'node:path';
import { Mongod } from '../support/mongod/mongod.js';

/**
 * `npm run demo:mongo`: the reference server on a MongoDB of its own, found or fetched as the tests do, with its data under `data/`.
 * The database ends with the server.
 */
const dbPath = resolve('data/mongodb');

try {
  const mongod = await Mongod.start({ dbPath, isOwnGroup: true });
  process.once('exit', () => mongod.signal('SIGTERM'));
  process.env['STORAGE'] = 'mongoose';
  process.env['MONGODB_URI'] = `mongodb://127.0.0.1:${mongod.port}/gatehouse?directConnection=true`;
  process.stdout.write(`MongoDB at ${process.env['MONGODB_URI']}, data in ${dbPath}\n`);
  await import(new URL('../../src/main.js', import.meta.url).href);
} catch (error) {
  process.stderr.write(`The demo cannot start: ${describe(error)}\n`);
  process.exitCode = 1;
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${message}${message.includes('while it started') ? `; is another one running on ${dbPath}?` : ''}`;
}
