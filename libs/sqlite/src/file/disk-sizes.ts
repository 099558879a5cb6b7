import { readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

const KIB = 1024;
const MIB = 1024 * KIB;
/** A frame of the log: a page and its header. */
const FRAME = 4_096 + 24;
const MAX_FRAMES = 2_000;

/** In bytes, fit for the disk: a small one must not be taken up by what only serves the worst case. */
export interface DiskSizes {
  /** Of the file of reserve. */
  readonly reserve: number;
  /** How much of the log is laid out at the start: what is in it needs no further room. */
  readonly laidOut: number;
  /** How much of the log is kept when it is begun anew. */
  readonly log: number;
  /** Beyond this length of the log only ends are written, until whoever reads an old state of the file has finished. */
  readonly longestLog: number;
  /** Frames in the log after which it is moved into the file. Half as often as by default: a page written twice meanwhile is moved once. */
  readonly frames: number;
}

export function diskSizes(file: string): DiskSizes {
  const { blocks, bsize } = statfsSync(dirname(file));
  const eighth = Math.min(blocks * bsize, largestFile() * 2) / 8;
  const log = between(256 * KIB, eighth, 16 * MIB);
  return {
    reserve: between(128 * KIB, eighth, 4 * MIB),
    laidOut: Math.min(log, MIB),
    log,
    longestLog: between(MIB, eighth, 1024 * MIB),
    frames: between(16, log / FRAME / 2, MAX_FRAMES),
  };
}

/** What the file system has left for us. */
export function freeBytes(file: string): number {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize;
}

/** The longest file that this process may write (RLIMIT_FSIZE), where the system tells. */
export function largestFile(): number {
  try {
    const limit = /^Max file size\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? Infinity : Number(limit);
  } catch {
    return Infinity;
  }
}

function between(least: number, value: number, most: number): number {
  return Math.floor(Math.min(most, Math.max(least, value)));
}
