import type { SessionEngine } from '../engine/session-engine.js';
import { lockTimeout } from '../session.problems.js';
import type { SessionLease } from '../storage/session-locks.js';

/** A response. It emits `close` once the answer was sent, or the connection was lost before. */
export interface Closing {
  /** Whether it has emitted that. */
  readonly closed?: boolean;
  /** HTTP/2 knows it of the stream only. */
  readonly stream?: { readonly closed: boolean };
  once(event: 'close', listener: () => void): unknown;
}

/** The lock of a session, for as long as one request holds it. */
export class RequestLock {
  #lease: SessionLease | null = null;
  #fence: number | undefined = undefined;
  #letsGoOnClose = false;

  /** @param response undefined for a socket's handshake */
  constructor(
    private readonly engine: SessionEngine,
    private readonly response: Closing | undefined,
  ) {}

  get isHeld(): boolean {
    return this.#lease !== null;
  }

  /**
   * The fence of the lease; every save under the lock passes it to the store. It stays when the lock is let go, so that
   * changes which were not saved before cannot be saved over those of the next holder.
   */
  get fence(): number | undefined {
    return this.#fence;
  }

  /** For a holder that has saved its changes: what it changes from now on needs no lock. */
  forgetFence(): void {
    this.#fence = undefined;
  }

  /** Waits for the lock. @throws ProblemException 503 `lock_timeout` */
  async acquire(handle: string): Promise<void> {
    const lease = await this.engine.lock(handle, this.engine.options.lockWait);
    if (lease === null) throw lockTimeout();
    this.#lease = lease;
    this.#fence = lease.fence;
    this.#letGoOnClose();
    if (this.#isClosed) await this.letGo();
  }

  /** A client may disconnect while its request waits for the lock. */
  get #isClosed(): boolean {
    return this.response?.closed ?? this.response?.stream?.closed ?? false;
  }

  async release(): Promise<void> {
    const lease = this.#lease;
    if (lease === null) return;
    this.#lease = null;
    await this.engine.ask('unlock', () => this.engine.storage.locks.release(lease));
  }

  /** Releases the lock where no caller is left to handle a failure: the failure is logged. */
  async letGo(): Promise<void> {
    await this.release().catch((error: unknown) =>
      this.engine.warn('A lock could not be released and will end by itself', error),
    );
  }

  /** A client may disconnect before there is an answer. */
  #letGoOnClose(): void {
    if (this.#letsGoOnClose) return;
    this.#letsGoOnClose = true;
    this.response?.once('close', () => void this.letGo());
  }
}
