import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Logger } from '@nestjs/common';
import { secureFiles } from './file-access.js';
import { ReserveFile } from './reserve-file.js';
import { checkSqliteFile } from './sqlite-file.check.js';
import { SqliteFileError } from './sqlite-file.error.js';
import { failureOf, lacksRoom } from '../driver/sqlite-fault.js';
import { rowsOf, type SqliteConnection, type SqliteDriver } from '../driver/sqlite.driver.js';
import { migrate } from '../schema/sqlite.schema.js';

const logger = new Logger('Gatehouse');

const PRIVATE_FILE = 0o600;
const PRIVATE_DIRECTORY = 0o700;
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

// How long the start waits for another process that is migrating the same file, in milliseconds.
const START_TIMEOUT = 5_000;

/** Opens the file for writing. Creates it if it is missing, checks it if it exists. @throws SqliteFileError */
export async function openSqliteFile(driver: SqliteDriver, file: string): Promise<SqliteConnection> {
  if (!existsSync(file)) {
    requireNoLink(file);
    createSqliteFile(driver, file);
  }
  try {
    return await openChecked(driver, file);
  } catch (error) {
    // Log and shared memory must be created before anything can be deleted; the reserve is for this, too.
    if (!lacksRoom((error as Error).cause) || !new ReserveFile(realpathSync(file), 0).release()) throw error;
    return openChecked(driver, file);
  }
}

async function openChecked(driver: SqliteDriver, file: string): Promise<SqliteConnection> {
  await checkSqliteFile(driver, file);
  for (const warning of secureFiles(realpathSync(file))) logger.warn(warning);

  let connection: SqliteConnection | undefined;
  try {
    connection = new driver.DatabaseSync(file);
    connection.exec(`PRAGMA busy_timeout = ${START_TIMEOUT}; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON`);
    useLog(connection, file);
    migrate(connection);
    return connection;
  } catch (cause) {
    connection?.close();
    if (cause instanceof SqliteFileError) throw cause;
    throw lacksRoom(cause) ? noRoom(file, cause) : unusable(file, cause);
  }
}

function requireNoLink(file: string): void {
  const target = linkTarget(file);
  if (target === null) return;
  const remedy = 'Make the link point to the database, or remove it to start with an empty one.';
  throw new SqliteFileError(file, `is a symbolic link to ${target}, which is not there`, remedy);
}

function linkTarget(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}

function useLog(connection: SqliteConnection, file: string): void {
  connection.exec('PRAGMA journal_mode = WAL');
  if (rowsOf(connection, 'journal_mode', 'pragma_journal_mode')[0]?.[0] !== 'wal') {
    throw new SqliteFileError(file, 'is on a file system without shared memory', 'Name a file on a local disk.');
  }
}

/**
 * Completed under another name, then linked: nobody ever sees half a database, and if two processes start at once, one
 * wins.
 */
function createSqliteFile(driver: SqliteDriver, file: string): void {
  for (const suffix of ['-wal', '-journal']) {
    if (existsSync(file + suffix)) {
      throw new SqliteFileError(
        file,
        `is missing, but its ${suffix} file is there`,
        `Put it back, or move ${file}${suffix} away.`,
      );
    }
  }
  const draft = `${file}.${process.pid}-${randomBytes(6).toString('hex')}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: PRIVATE_DIRECTORY });
    closeSync(openSync(draft, 'wx', PRIVATE_FILE));
    writeDraft(driver, draft);
    publish(draft, file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw code === 'ENOSPC' || failureOf(cause) === 'full' ? noRoom(file, cause) : unusable(file, cause);
  } finally {
    removeDraft(draft);
  }
}

function removeDraft(draft: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) {
    if (existsSync(draft + suffix)) rmSync(draft + suffix);
  }
}

function writeDraft(driver: SqliteDriver, draft: string): void {
  const connection = new driver.DatabaseSync(draft);
  try {
    migrate(connection);
    connection.exec('PRAGMA journal_mode = WAL');
  } finally {
    connection.close();
  }
}

function publish(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EEXIST') return;
    if (!NO_HARD_LINKS.has(code)) throw error;
    copyFileSync(draft, file, constants.COPYFILE_EXCL);
  }
  syncDirectory(dirname(file));
}

function syncDirectory(directory: string): void {
  // Windows cannot open a directory, and needs no such flush.
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function noRoom(file: string, cause: unknown): SqliteFileError {
  return new SqliteFileError(
    file,
    'cannot be made or brought up to date: the disk is full',
    'Make room and start again.',
    cause,
  );
}

function unusable(file: string, cause: unknown): SqliteFileError {
  return new SqliteFileError(
    file,
    'cannot be opened for writing',
    'Name a file in a directory on a local disk that this process may write.',
    cause,
  );
}
