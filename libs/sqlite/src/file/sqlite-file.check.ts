import { accessSync, constants, existsSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { SqliteFileError } from './sqlite-file.error.js';
import { failureOf } from '../driver/sqlite-fault.js';
import { rowsOf, type SqliteConnection, type SqliteDriver } from '../driver/sqlite.driver.js';
import { APPLICATION_ID, identify, isEmpty, missingObjects, pragma, SCHEMA_VERSION } from '../schema/sqlite.schema.js';

const MAX_QUICK_CHECK = 100 * 1024 * 1024;
const MAX_ATTEMPTS = 5;
const PAUSE = 50;

const RESTORE = 'Restore it from a backup, or move it away (with its -wal and -shm files) to start with an empty one.';
const ELSEWHERE = 'Name another file: this one has been left as it is.';

/** Reads the file without writing a byte. @throws SqliteFileError if it must not be opened for writing */
export async function checkSqliteFile(driver: SqliteDriver, file: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const before = statsOf(file);
    try {
      checkFromOutside(file, before);
      return checkFromInside(driver, file, before);
    } catch (error) {
      // If another process was opening or closing the file, the result is not reliable, so it is checked again.
      if (attempt === MAX_ATTEMPTS || !hasChanged(before, statsOf(file))) throw error;
      await pause(PAUSE);
    }
  }
}

function statsOf(file: string): Stats {
  try {
    return statSync(file);
  } catch (cause) {
    const remedy = 'Make sure that every directory of its path is there and may be searched by this process.';
    throw new SqliteFileError(file, 'cannot be found', remedy, cause);
  }
}

function hasChanged(before: Stats, after: Stats): boolean {
  return before.size !== after.size || before.mtimeMs !== after.mtimeMs || before.ino !== after.ino;
}

function checkFromOutside(file: string, stats: Stats): void {
  if (!stats.isFile()) throw new SqliteFileError(file, 'is not a file', 'Name a file, such as data/gatehouse.db.');
  if (stats.size === 0)
    throw new SqliteFileError(file, 'is empty, which a database never is: it was cut short', RESTORE);
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    // SQLite keeps its log beside the file.
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new SqliteFileError(
      file,
      'or its directory cannot be written by this process',
      'Give it the right to write both.',
      cause,
    );
  }
}

function checkFromInside(driver: SqliteDriver, file: string, { size }: Stats): void {
  let connection: SqliteConnection | undefined;
  try {
    connection = openToRead(driver, file);
    inspect(driver, connection, file, size);
  } catch (error) {
    throw error instanceof SqliteFileError ? error : unreadable(file, error);
  } finally {
    connection?.close();
  }
}

function openToRead(driver: SqliteDriver, file: string): SqliteConnection {
  const alone = existsSync(`${file}-wal`) ? null : openAlone(driver, file);
  const connection = alone ?? new driver.DatabaseSync(file, { readOnly: true });
  connection.exec('PRAGMA busy_timeout = 5000');
  return connection;
}

/** Without a log the file is complete, and `immutable` keeps SQLite from creating files beside it. */
function openAlone(driver: SqliteDriver, file: string): SqliteConnection | null {
  try {
    return new driver.DatabaseSync(`${pathToFileURL(file).href}?immutable=1`, { readOnly: true });
  } catch {
    // Early versions of Node 22 accept no such URL; any other error will be raised again by the next attempt.
    return null;
  }
}

function inspect(driver: SqliteDriver, connection: SqliteConnection, file: string, size: number): void {
  const identity = identify(connection);
  if (!isEmpty(identity) && identity.applicationId !== APPLICATION_ID) {
    throw new SqliteFileError(file, 'is a database of another program', ELSEWHERE);
  }
  if (identity.version > SCHEMA_VERSION) {
    const versions = `version ${identity.version}, this one knows ${SCHEMA_VERSION}`;
    throw new SqliteFileError(
      file,
      `was written by a newer release (${versions})`,
      'Install that release, or name another file.',
    );
  }
  if (size % pragma(connection, 'page_size') !== 0) {
    throw new SqliteFileError(file, 'is damaged: its end is missing', RESTORE);
  }
  const missing = missingObjects(driver, identity);
  if (missing.length > 0) {
    throw new SqliteFileError(file, `is damaged: ${missing.join(', ')} missing or not as expected`, RESTORE);
  }
  if (size <= MAX_QUICK_CHECK) {
    const [row] = rowsOf(connection, 'quick_check', 'pragma_quick_check');
    if (row?.[0] !== 'ok') throw new SqliteFileError(file, 'is damaged inside', RESTORE);
  }
}

function unreadable(file: string, cause: unknown): SqliteFileError {
  const failure = failureOf(cause);
  if (failure === 'corrupt') return new SqliteFileError(file, 'is damaged, or is no SQLite database', RESTORE, cause);
  if (failure === 'busy') {
    return new SqliteFileError(
      file,
      'is kept busy by another process',
      'Wait until that one is done and start again.',
      cause,
    );
  }
  return new SqliteFileError(
    file,
    'cannot be read',
    'Make sure that it is a local file that this process may read.',
    cause,
  );
}
