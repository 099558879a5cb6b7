import { type StoreFailure, StoreUnavailableError } from 'nest-gatehouse/common';

// Primary result codes, https://www.sqlite.org/rescode.html
const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const PROTOCOL = 15;
const NOTADB = 26;

// Extended ones.
const IOERR_WRITE = 778;
const IOERR_SHMSIZE = 4_874;

const FAILURES: Readonly<Record<number, StoreFailure>> = {
  [BUSY]: 'busy',
  [LOCKED]: 'busy',
  [PROTOCOL]: 'busy',
  [NOMEM]: 'io',
  [READONLY]: 'io',
  [IOERR]: 'io',
  [CANTOPEN]: 'io',
  [CORRUPT]: 'corrupt',
  [NOTADB]: 'corrupt',
  [FULL]: 'full',
};

const MESSAGES: Readonly<Record<StoreFailure, string>> = {
  busy: 'Another process kept the SQLite file busy for too long.',
  full: 'The disk of the SQLite file is full. Sessions can be ended; it goes on by itself once there is room.',
  corrupt: 'The SQLite file is damaged; stop the application and restore the file from a backup.',
  io: 'The SQLite file cannot be read or written.',
  closed: 'The SQLite file has been closed because the application is shutting down.',
};

const MISPLACED =
  'The SQLite file, or one of the two beside it, was deleted, moved or replaced; put it back, or stop the application and start it again.';

/** The failure of the file that an error of the driver means; null for any other error. */
export function failureOf(error: unknown): StoreFailure | null {
  if (error instanceof StoreUnavailableError) return error.failure;
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number') return null;
  return FAILURES[errcode & 0xff] ?? null;
}

/**
 * Whether a write failed because of a full disk, a quota or the limit on the file size. SQLite reports the last two as
 * device errors.
 */
export function lacksRoom(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return error.failure === 'full' || lacksRoom(error.cause);
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  return failureOf(error) === 'full' || errcode === IOERR_WRITE || errcode === IOERR_SHMSIZE;
}

/** The file is not where it was opened, so writes to it would be lost. */
export function misplaced(): StoreUnavailableError {
  return new StoreUnavailableError('io', MISPLACED);
}

export function unavailable(failure: StoreFailure, cause?: unknown): StoreUnavailableError {
  return cause instanceof StoreUnavailableError ? cause : new StoreUnavailableError(failure, MESSAGES[failure], cause);
}
