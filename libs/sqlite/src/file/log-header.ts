import { closeSync, openSync, readSync, statSync } from 'node:fs';

// Two copies of 48 bytes, see https://www.sqlite.org/walformat.html: the second one is written first.
const HEADER_BYTES = 96;

interface Shared {
  readonly key: string;
  readonly descriptor: number;
  users: number;
}

/**
 * One descriptor for each file, whoever in this process has it open: POSIX drops all locks that a process holds on a file
 * when it closes any descriptor of it, and these locks are SQLite's.
 */
const open = new Map<string, Shared>();

/**
 * The head of the log's index in shared memory, which every commit changes before it is confirmed. To look at it takes a
 * third of the time of asking SQLite.
 */
export class LogHeader {
  readonly #shared: Shared;
  readonly #current = Buffer.alloc(HEADER_BYTES);
  readonly #seen = Buffer.alloc(HEADER_BYTES);

  /** @param file of a connection that is open and in WAL mode @throws Error of the file system */
  constructor(file: string) {
    this.#shared = share(`${file}-shm`);
    this.isAsNoted();
    this.note();
  }

  /** Whether it is as it was when it was last noted. False if in doubt. */
  isAsNoted(): boolean {
    const bytes = readSync(this.#shared.descriptor, this.#current, 0, HEADER_BYTES, 0);
    return bytes === HEADER_BYTES && this.#current.equals(this.#seen);
  }

  /** Notes what `isAsNoted` has looked at. */
  note(): void {
    this.#current.copy(this.#seen);
  }

  /** To be called once the connection is closed. */
  close(): void {
    release(this.#shared);
  }
}

function share(path: string): Shared {
  const { dev, ino } = statSync(path, { bigint: true });
  const key = `${dev}:${ino}`;
  const shared = open.get(key) ?? { key, descriptor: openSync(path, 'r'), users: 0 };
  shared.users++;
  open.set(key, shared);
  return shared;
}

function release(shared: Shared): void {
  shared.users--;
  if (shared.users > 0) return;
  open.delete(shared.key);
  closeSync(shared.descriptor);
}
