import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';

const PRIVATE = 0o600;
const READ_AND_WRITE = 0o666;
const CHUNK = 256 * 1024;
// A link that another user puts in the directory must not make us write elsewhere.
const WRITE = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
const APPEND = WRITE | constants.O_APPEND | constants.O_CREAT;

/**
 * A file that reserves room on the disk, and is released when there is no other: for ending sessions, and for a start.
 */
export class ReserveFile {
  readonly #path: string;

  /** @param file the database; the reserve is beside it */
  constructor(
    private readonly file: string,
    private readonly bytes: number,
  ) {
    this.#path = `${file}-reserve`;
  }

  /** How many bytes are missing from the reserve. */
  get missing(): number {
    try {
      return Math.max(0, this.bytes - lstatSync(this.#path).size);
    } catch {
      return this.bytes;
    }
  }

  /**
   * Writes random bytes, because a sparse or compressed file would reserve nothing. A partial reserve is better than
   * none.
   * @param most bytes to take from the disk @returns whether the reserve is complete
   */
  make(most: number): boolean {
    const { missing } = this;
    if (missing === 0) return true;
    if (most <= 0) return false;
    let descriptor: number | undefined;
    try {
      descriptor = openSync(this.#path, APPEND, PRIVATE);
      this.#share(descriptor);
      const chunk = randomFillSync(Buffer.allocUnsafe(CHUNK));
      for (let left = Math.min(missing, most); left > 0;) {
        left -= writeSync(descriptor, chunk, 0, Math.min(left, CHUNK));
      }
      return missing <= most;
    } catch {
      return false;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /**
   * Truncates the reserve. @returns whether there was anything to release. The empty file stays, so that filling it
   * again needs no new directory entry.
   */
  release(): boolean {
    try {
      const { size } = lstatSync(this.#path);
      if (size > 0) closeSync(openSync(this.#path, WRITE | constants.O_TRUNC));
      return size > 0;
    } catch {
      return false;
    }
  }

  /** Gives the file the owner and mode of the database, as SQLite does with its log, also if root ran a command. */
  #share(descriptor: number): void {
    const { mode, uid, gid } = statSync(this.file);
    const own = fstatSync(descriptor);
    if (process.getuid?.() === 0 && (own.uid !== uid || own.gid !== gid)) fchownSync(descriptor, uid, gid);
    if (process.getuid && (own.mode ^ mode) & READ_AND_WRITE && own.uid === process.getuid())
      fchmodSync(descriptor, mode & READ_AND_WRITE);
  }
}
