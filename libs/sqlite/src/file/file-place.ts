import { lstatSync, realpathSync, statSync, type BigIntStats, type Stats } from 'node:fs';
import { dirname } from 'node:path';

const NO_THROW = { throwIfNoEntry: false } as const;
// On some file systems directory times have a resolution of two seconds: a second change within them does not change
// the time.
const MIN_AGE = 2_500;

interface Directory {
  readonly path: string;
  seen: Stats | null;
}

/**
 * Checks that the database is still where it was opened. Writes to a file that was deleted, moved or replaced raise no
 * error, but are lost at the next start.
 */
export class FilePlace {
  /** With all symbolic links resolved: SQLite keeps its log and shared memory beside it. */
  readonly file: string;
  readonly #files: ReadonlyMap<string, BigIntStats>;
  readonly #directories: readonly Directory[];
  #isLost = false;

  /** @param file an open database, with its log */
  constructor(file: string) {
    this.file = realpathSync(file);
    const paths = [file, this.file, `${this.file}-wal`, `${this.file}-shm`];
    const present = paths.map((path) => [path, entryOf(path)] as const);
    this.#files = new Map(present.filter((entry): entry is [string, BigIntStats] => entry[1] !== null));
    const linked = lstatSync(file).isSymbolicLink() ? [dirname(this.file)] : [];
    this.#directories = [dirname(file), ...linked].map((path) => ({ path, seen: null }));
  }

  /** Whether the file was missing at the last check. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Usually reads only the time of the directory, which changes with its entries. */
  isIntact(): boolean {
    if (!this.#isLost && this.#directories.every(isAsSeen)) return true;
    const current = this.#directories.map(({ path }) => lookAt(path));
    const now = Date.now();
    this.#isLost = ![...this.#files].every(([path, known]) => isSame(known, entryOf(path)));
    this.#directories.forEach((directory, index) => {
      const look = current[index] ?? null;
      directory.seen = look && Math.abs(now - look.mtimeMs) > MIN_AGE ? look : null;
    });
    return !this.#isLost;
  }
}

function isAsSeen({ path, seen }: Directory): boolean {
  if (!seen) return false;
  const look = lookAt(path);
  return look !== null && look.mtimeMs === seen.mtimeMs && look.ino === seen.ino && look.dev === seen.dev;
}

function lookAt(path: string): Stats | null {
  try {
    return statSync(path, NO_THROW) ?? null;
  } catch {
    return null;
  }
}

function entryOf(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

function isSame(known: BigIntStats, found: BigIntStats | null): boolean {
  return found !== null && found.ino === known.ino && found.dev === known.dev;
}
