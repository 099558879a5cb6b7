import { readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

const KIB = 1024;
const MIB = 1024 * KIB;
/** A frame of the log: a page and its header. */
const FRAME = 4_096 + 24;
const MAX_FRAMES = 2_000;

/** In bytes, in proportion to the disk: the worst case must not fill up a small one. */
export interface DiskSizes {
  /** The size of the reserve file. */
  readonly reserve: number;
  /** How much of the log is allocated at the start, so that it needs no further room. */
  readonly allocatedLog: number;
  /** How much of the log is kept when it restarts. */
  readonly log: number;
  /** If the log is longer, only ends are written, until the reader of an old state of the file has finished. */
  readonly maxLog: number;
  /**
   * How many frames the log has before a checkpoint. About twice the default of SQLite, because a page written twice in
   * between is copied once.
   */
  readonly frames: number;
}

export function diskSizes(file: string): DiskSizes {
  const { blocks, bsize } = statfsSync(dirname(file));
  const eighth = Math.min(blocks * bsize, largestFile() * 2) / 8;
  const log = between(256 * KIB, eighth, 16 * MIB);
  return {
    reserve: between(128 * KIB, eighth, 4 * MIB),
    allocatedLog: Math.min(log, MIB),
    log,
    maxLog: between(MIB, eighth, 1024 * MIB),
    frames: between(16, log / FRAME / 2, MAX_FRAMES),
  };
}

/** The free bytes that this process may use. */
export function freeBytes(file: string): number {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize;
}

/** The largest file that this process may write (RLIMIT_FSIZE), if the system tells; else `Infinity`. */
export function largestFile(): number {
  try {
    const limit = /^Max file size\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? Infinity : Number(limit);
  } catch {
    return Infinity;
  }
}

function between(min: number, value: number, max: number): number {
  return Math.floor(Math.min(max, Math.max(min, value)));
}
