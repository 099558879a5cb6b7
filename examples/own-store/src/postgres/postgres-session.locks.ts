import { randomUUID } from 'node:crypto';
import { type Awaitable } from 'nest-gatehouse/common';
import { LockQueue, type LockRequest, type SessionLease, SessionLocks } from 'nest-gatehouse/session/storage';
import type { PostgresDatabase } from './database.js';
import { name, sql } from './sql.js';

interface LockRow {
  readonly fence: number;
  readonly expires_at: number;
}

export class PostgresSessionLocks extends SessionLocks {
  readonly #queue = new LockQueue();

  constructor(private readonly database: PostgresDatabase) {
    super();
  }

  override acquire(key: string, request: LockRequest): Awaitable<SessionLease | null> {
    return this.#queue.acquire(key, request, () => this.#take(key, request.lease));
  }

  override async extend(lease: SessionLease, milliseconds: number): Promise<SessionLease | null> {
    const now = Date.now();
    const [row] = await this.database.run<LockRow>(
      sql`UPDATE session_locks SET expires_at = greatest(expires_at, ${now + milliseconds})
        WHERE key = ${name(lease.key)} AND owner = ${lease.owner} AND expires_at > ${now}
        RETURNING fence, expires_at`,
    );
    return row ? { ...lease, expiresAt: row.expires_at } : null;
  }

  /** The row stays, because the next fence must be higher. */
  override async release({ key, owner }: SessionLease): Promise<void> {
    await this.database.run(sql`UPDATE session_locks SET expires_at = 0 WHERE key = ${name(key)} AND owner = ${owner}`);
    this.#queue.released(key);
  }

  async #take(key: string, milliseconds: number): Promise<SessionLease | null> {
    const owner = randomUUID();
    const now = Date.now();
    const [row] = await this.database.run<LockRow>(
      sql`INSERT INTO session_locks (key, owner, fence, expires_at)
        VALUES (${name(key)}, ${owner}, 1, ${now + milliseconds})
        ON CONFLICT (key) DO UPDATE
          SET owner = excluded.owner, fence = session_locks.fence + 1, expires_at = excluded.expires_at
          WHERE session_locks.expires_at <= ${now}
        RETURNING fence, expires_at`,
    );
    return row ? { key, owner, fence: row.fence, expiresAt: row.expires_at } : null;
  }
}
