import { type SqliteConnection, type SqliteStatement, valuesOf } from '../driver/sqlite.driver.js';
import { LogHeader } from './log-header.js';

/** Tells whether another connection, of this process or another one, has committed since it was last asked. */
export class CommitWatch {
  readonly #dataVersion: SqliteStatement;
  /** Null where it cannot be read. */
  readonly #header: LogHeader | null;
  /** It is relied upon once it has been seen to change with a commit, and never again if it has not. */
  #trust: 'unproven' | 'proven' | 'none' = 'unproven';
  #known: unknown;

  constructor(connection: SqliteConnection, file: string) {
    this.#dataVersion = connection.prepare('PRAGMA data_version');
    this.#dataVersion.setReturnArrays?.(true);
    this.#header = headerOf(file);
    this.#known = this.#version();
  }

  /**
   * Exact: what was confirmed elsewhere before this call is noticed by it.
   * @throws an error of the driver
   */
  hasMoved(): boolean {
    const isAsNoted = this.#trust !== 'none' && this.#header?.isAsNoted() === true;
    if (isAsNoted && this.#trust === 'proven') return false;
    const version = this.#version();
    // What was looked at before the version was asked: a commit in between changes it again.
    if (!isAsNoted) this.#header?.note();
    const hasMoved = version !== this.#known;
    this.#known = version;
    return hasMoved;
  }

  /** To be called after each commit of this connection that has changed something, which must show in the header. */
  prove(): void {
    if (this.#header === null || this.#trust === 'none') return;
    this.#trust = this.#header.isAsNoted() ? 'none' : 'proven';
  }

  /** To be called once the connection is closed. */
  close(): void {
    this.#header?.close();
  }

  #version(): unknown {
    return valuesOf(this.#dataVersion.get())[0];
  }
}

/** Windows would not let the file be deleted by the last process that closes it. */
function headerOf(file: string): LogHeader | null {
  if (process.platform === 'win32') return null;
  try {
    return new LogHeader(file);
  } catch {
    return null;
  }
}
