import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe } from '@jest/globals';
import { NoMongodError } from './mongod-binary.js';
import { Mongod } from './mongod.js';

/**
 * One mongod for the whole Jest run, started by the first suite that asks. `mongod-run.setup.mjs` makes the directory in which
 * the workers find each other, and ends the server.
 */
export interface RunningMongod {
  readonly uri: string;
}

/** What `server.json` in the run's directory says: a server with its process, or why there is none. */
type Found = (RunningMongod & { readonly pid: number }) | { readonly missing: string };

const LONGEST_START = 6 * 60_000;

/** Null where no MongoDB can be had, unless in CI. @throws Error in CI */
export async function mongodOfRun(): Promise<RunningMongod | null> {
  const uri = process.env['MONGODB_URI'];
  if (uri) return { uri };
  const directory = process.env['GATEHOUSE_MONGOD_RUN'];
  if (!directory) throw new Error('mongod-run.setup.mjs has not run; see globalSetup in jest.config.mjs.');

  const found = await startOrWait(directory);
  if (!('missing' in found)) return found;
  if (process.env['CI']) throw new Error(`The MongoDB suites cannot run: ${found.missing}.`);
  return null;
}

/** `describe`, or `describe.skip` where no MongoDB can be had: then the summary of the run says so. */
export const describeWithMongod: typeof describe | typeof describe.skip = (await mongodOfRun())
  ? describe
  : describe.skip;

async function startOrWait(directory: string): Promise<Found> {
  try {
    await mkdir(join(directory, 'starting'));
  } catch {
    return awaitAnswer(directory);
  }
  const found = await start(directory);
  const draft = join(directory, 'server.draft.json');
  await writeFile(draft, JSON.stringify(found));
  await rename(draft, join(directory, 'server.json'));
  return found;
}

async function start(directory: string): Promise<Found> {
  try {
    const { uri, pid } = await Mongod.start({ dbPath: join(directory, 'data') });
    return { uri, pid };
  } catch (error) {
    return { missing: error instanceof NoMongodError ? error.message : `mongod does not start (${String(error)})` };
  }
}

async function awaitAnswer(directory: string): Promise<Found> {
  const last = Date.now() + LONGEST_START;
  for (;;) {
    try {
      return JSON.parse(await readFile(join(directory, 'server.json'), 'utf8')) as Found;
    } catch (error) {
      if (Date.now() > last) throw error;
      await pause(50);
    }
  }
}
