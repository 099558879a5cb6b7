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
// Whoever may make links in the directory must not make us write elsewhere.
const WRITE = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
const APPEND = WRITE | constants.O_APPEND | constants.O_CREAT;

/** Room on the disk that belongs to the database, and is given up when there is no other: for the ends of sessions, and for a start. */
export class ReserveFile {
  readonly #path: string;

  /** @param file the database, beside which it lies */
  constructor(
    private readonly file: string,
    private readonly bytes: number,
  ) {
    this.#path = `${file}-reserve`;
  }

  /** How many bytes it still wants. */
  get missing(): number {
    try {
      return Math.max(0, this.bytes - lstatSync(this.#path).size);
    } catch {
      return this.bytes;
    }
  }

  /**
   * Really written, and with what cannot be compressed: a file of zeros may take no room. Less than all of it is better than nothing.
   * @param most bytes to take from the disk @returns whether it is whole
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

  /** Whether there was something to give up. The file itself stays, so that no entry of the directory is needed to make it again. */
  release(): boolean {
    try {
      const { size } = lstatSync(this.#path);
      if (size > 0) closeSync(openSync(this.#path, WRITE | constants.O_TRUNC));
      return size > 0;
    } catch {
      return false;
    }
  }

  /** As SQLite does with its log: for whoever may use the database, also where a command was run by the superuser. */
  #share(descriptor: number): void {
    const { mode, uid, gid } = statSync(this.file);
    const own = fstatSync(descriptor);
    if (process.getuid?.() === 0 && (own.uid !== uid || own.gid !== gid)) fchownSync(descriptor, uid, gid);
    if (process.getuid && (own.mode ^ mode) & READ_AND_WRITE && own.uid === process.getuid())
      fchmodSync(descriptor, mode & READ_AND_WRITE);
  }
}
