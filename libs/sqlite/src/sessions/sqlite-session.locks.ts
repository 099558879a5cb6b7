import { Injectable } from '@nestjs/common';
import { Clock, Randomness, SystemClock, SystemRandomness } from 'nest-gatehouse/common';
import { LockQueue, type LockRequest, type SessionLease, SessionLocks } from 'nest-gatehouse/session/storage';
import { toText } from '../driver/sqlite-text.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';

const OWNER_BYTES = 16;

const HELD = 'SELECT 1 FROM locks WHERE key = ? AND expires_at > ?';
const NEXT_FENCE = 'UPDATE fence SET last = last + 1 RETURNING last';
const TAKE = 'INSERT OR REPLACE INTO locks (key, owner, fence, expires_at) VALUES (?, ?, ?, ?)';
const EXTEND = `UPDATE locks SET expires_at = max(expires_at, ?)
  WHERE key = ? AND owner = ? AND expires_at > ? RETURNING expires_at`;
const RELEASE = 'DELETE FROM locks WHERE key = ? AND owner = ?';

/** Locks among all processes that share the file. */
@Injectable()
export class SqliteSessionLocks extends SessionLocks {
  readonly #queue = new LockQueue();

  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock = new SystemClock(),
    private readonly randomness: Randomness = new SystemRandomness(),
  ) {
    super();
  }

  override async acquire(key: string, request: LockRequest): Promise<SessionLease | null> {
    return this.#queue.acquire(key, request, () => this.#attempt(key, request.lease));
  }

  override async extend(lease: SessionLease, milliseconds: number): Promise<SessionLease | null> {
    return this.database.write(
      () => {
        const now = this.clock.now();
        const values = [now + milliseconds, toText(lease.key), lease.owner, now];
        const row = this.database.statement(EXTEND, true).get(...values);
        return row === undefined ? null : Object.freeze({ ...lease, expiresAt: valuesOf(row)[0] as number });
      },
      'default',
      'little',
    );
  }

  override async release(lease: SessionLease): Promise<void> {
    const free = () => this.database.statement(RELEASE).run(toText(lease.key), lease.owner);
    await this.database.write(free, 'default', 'end');
    this.#queue.released(lease.key);
  }

  async #attempt(key: string, milliseconds: number): Promise<SessionLease | null> {
    // Read first, without a transaction: waiting must not keep others from writing.
    if (await this.database.read(() => this.#isHeld(key))) return null;
    const owner = this.randomness.bytes(OWNER_BYTES).toString('base64url');
    return this.database.write(() => this.#take(key, owner, milliseconds), 'default', 'little');
  }

  #isHeld(key: string): boolean {
    return this.database.statement(HELD, true).get(toText(key), this.clock.now()) !== undefined;
  }

  #take(key: string, owner: string, milliseconds: number): SessionLease | null {
    if (this.#isHeld(key)) return null;
    const fence = valuesOf(this.database.statement(NEXT_FENCE, true).get())[0] as number;
    const expiresAt = this.clock.now() + milliseconds;
    this.database.statement(TAKE).run(toText(key), owner, fence, expiresAt);
    return Object.freeze({ key, owner, fence, expiresAt });
  }
}
