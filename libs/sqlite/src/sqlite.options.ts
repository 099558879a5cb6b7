import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import {
  byteSizeOrZero,
  type ByteSize,
  duration,
  type Duration,
  optionsObject,
  parseOptions,
} from 'nest-gatehouse/common';

export interface SqliteStorageOptions {
  /**
   * The path of the database, for example `'data/gatehouse.db'`: a file on a local disk, created with its directory at
   * the first start. Beside it are `-wal` and `-shm` while it is open, and `-reserve`: up to 4 MiB reserved for ending
   * sessions when the disk is full. Only their owner can read them. Several processes of one machine may share the
   * file; a network file system does not work. No default.
   */
  file: string;
  /**
   * What a power cut may lose. `'normal'` (default): the latest changes of data; a crash of the process loses nothing.
   * `'full'`: nothing that was confirmed, at the price of a flush to disk with each batch of writes. New, ended and
   * renewed sessions and revocations are written with `'full'` either way.
   */
  synchronous?: 'normal' | 'full';
  /**
   * How long a write waits for another process that is writing before it fails with `StoreUnavailableError`. The event
   * loop is not blocked meanwhile. Default `'2s'`.
   */
  writeDeadline?: Duration;
  /**
   * How much memory this process may take, about, for sessions that were read or written lately, in bytes or as
   * `'32mb'`. It never shows an outdated session: each read finds out first whether another process has written to the
   * file, and then nothing is read from memory. 0: every read asks the file. Default `'32mb'`, some 25,000 sessions.
   */
  maxCacheBytes?: ByteSize;
}

export interface ResolvedSqliteStorageOptions {
  /** Absolute. */
  readonly file: string;
  readonly synchronous: 'normal' | 'full';
  readonly writeDeadline: number;
  readonly maxCacheBytes: number;
}

const FILE_HELP = "expected the path of a file, such as 'data/gatehouse.db'";

const sqliteStorageOptions = optionsObject({
  file: z
    .string(FILE_HELP)
    .min(1, FILE_HELP)
    .refine((file) => !file.includes('\0') && !/[\\/]$/.test(file), FILE_HELP)
    .refine(
      (file) => file !== ':memory:' && !file.startsWith('file:'),
      'names no file on disk; give a path, or use MemoryStorageModule for sessions in memory',
    )
    .transform((file) => (isAbsolute(file) ? file : resolve(file))),
  synchronous: z.enum(['normal', 'full'], "expected 'normal' or 'full'").default('normal'),
  writeDeadline: duration.default(2_000),
  maxCacheBytes: byteSizeOrZero.prefault('32mb'),
});

/** @throws OptionsError */
export function resolveSqliteStorageOptions(options: SqliteStorageOptions): ResolvedSqliteStorageOptions {
  return parseOptions('SqliteStorageModule', sqliteStorageOptions, options);
}
