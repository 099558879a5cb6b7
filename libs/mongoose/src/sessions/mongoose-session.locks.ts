import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type Awaitable, Randomness, SystemRandomness } from 'nest-gatehouse/common';
import { LockQueue, type LockRequest, type SessionLease, SessionLocks } from 'nest-gatehouse/session/storage';
import type { mongo } from 'mongoose';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import type { SessionLockDocument } from '../schema/session-lock.schema.js';

const OWNER_BYTES = 16;
const GIVE_BACK_ATTEMPTS = 5;

/**
 *  Locks among all processes of one database. Times are the database server's, so the processes' clocks need not agree.
 */
@Injectable()
export class MongooseSessionLocks extends SessionLocks {
  readonly #queue = new LockQueue();

  /** @param namespace separates these locks from others in the same collection. */
  constructor(
    private readonly database: MongooseDatabase,
    private readonly randomness: Randomness = new SystemRandomness(),
    private readonly namespace = 'key:',
  ) {
    super();
  }

  override acquire(key: string, request: LockRequest): Awaitable<SessionLease | null> {
    return this.#queue.acquire(key, request, () => this.#take(key, request.lease));
  }

  override async extend(lease: SessionLease, milliseconds: number): Promise<SessionLease | null> {
    const document = await this.database.run(({ locks }, within) =>
      locks.findOneAndUpdate(
        { ...this.#held(lease), $expr: { $gt: ['$expiresAt', '$$NOW'] } },
        [{ $set: { expiresAt: { $max: ['$expiresAt', { $add: ['$$NOW', milliseconds] }] } } }],
        { returnDocument: 'after', ...within },
      ),
    );
    return document && leaseOf(lease.key, document);
  }

  override async release(lease: SessionLease): Promise<void> {
    await this.#release(lease);
  }

  /** Whether the lease was still held. */
  async #release(lease: SessionLease): Promise<boolean> {
    try {
      // The document is kept, because the next fence must be higher.
      const { matchedCount } = await this.database.run(({ locks }, within) =>
        locks.updateOne(this.#held(lease), [{ $set: { expiresAt: '$$NOW', owner: '' } }], within),
      );
      return matchedCount > 0;
    } finally {
      this.#queue.released(lease.key);
    }
  }

  /**
   * For a lease that may have been taken, or may still be taken once the server continues: otherwise everybody would
   * wait until it expires.
   */
  async #giveBack(lease: SessionLease): Promise<void> {
    for (let attempt = 0; attempt < GIVE_BACK_ATTEMPTS; attempt++) {
      if (await this.#release(lease).catch(() => false)) return;
      await pause(this.database.operationDeadline, undefined, { ref: false });
    }
  }

  /** Tries to take the lease, in one operation. */
  async #take(key: string, milliseconds: number): Promise<SessionLease | null> {
    const owner = this.randomness.bytes(OWNER_BYTES).toString('base64url');
    try {
      const document = await this.database.run(({ locks }, within) =>
        locks.findOneAndUpdate({ _id: this.namespace + key }, takeIfFree(owner, milliseconds), {
          upsert: true,
          returnDocument: 'after',
          ...within,
        }),
      );
      return document?.owner === owner ? leaseOf(key, document) : null;
    } catch (error) {
      void this.#giveBack({ key, owner, fence: 0, expiresAt: 0 });
      throw error;
    }
  }

  #held({ key, owner }: SessionLease): mongo.Filter<SessionLockDocument> {
    return { _id: this.namespace + key, owner };
  }
}

/**
 * A fence is higher than the last one, and not lower than the server's time in milliseconds. So it rises even if the
 * document was removed, at the earliest a day after its last lease.
 */
function takeIfFree(owner: string, milliseconds: number): mongo.Document[] {
  const free = { $lte: [{ $ifNull: ['$expiresAt', '$$NOW'] }, '$$NOW'] };
  const fence = { $max: [{ $add: [{ $ifNull: ['$fence', 0] }, 1] }, { $toLong: '$$NOW' }] };
  return [
    {
      $set: {
        owner: { $cond: [free, owner, '$owner'] },
        fence: { $cond: [free, fence, '$fence'] },
        expiresAt: { $cond: [free, { $add: ['$$NOW', milliseconds] }, '$expiresAt'] },
      },
    },
  ];
}

function leaseOf(key: string, { owner, fence, expiresAt }: SessionLockDocument): SessionLease {
  return { key, owner, fence: Number(fence), expiresAt: expiresAt.getTime() };
}
