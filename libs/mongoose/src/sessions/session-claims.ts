import type { mongo } from 'mongoose';
import type { Randomness } from 'nest-gatehouse/common';
import type { EndedSession } from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import type { SessionDocument } from '../schema/session.schema.js';
import { allOf, type Conditions } from './session-conditions.js';
import { SUMMARY_PROJECTION, toEnded, type SummaryDocument } from './session-document.js';

const MARK_BYTES = 16;
/** How many deadlines of an operation a claim holds. */
const LEASE = 10;

const BY_HANDLE = { _id: 1 } as const;

/** Nobody is removing them. */
export const IS_UNCLAIMED: Conditions = { claim: null as never };

/** Their ends are emitted by whoever has noted them; only the documents are left. */
export const IS_LEFT_OVER: Conditions = {
  'claim.by': { $exists: true },
  $expr: { $lte: ['$claim.until', '$$NOW'] },
};

/**
 * Removes many sessions in three commands, each of them for one caller only, who has noted them before and tells their
 * ends even if its process dies.
 *
 * 1. One update writes a unique mark on those that meet the conditions, which also ends them for every reader. Neither a
 *    failover nor a crash of mongod undoes it.
 * 2. The marked ones are read. Nobody else has them: an update of one document is atomic.
 * 3. They are deleted.
 *
 * What the third step leaves, or comes back after it, is removed by a sweep once the mark has lapsed by the clock of the
 * database server. It tells nothing, because the one who has noted the sessions does.
 */
export class SessionClaims {
  constructor(
    private readonly database: MongooseDatabase,
    private readonly randomness: Randomness,
  ) {}

  /** Ends, removes and returns those of these sessions that meet the conditions. */
  async take(handles: readonly string[], conditions: Conditions, now: number): Promise<readonly EndedSession[]> {
    if (handles.length === 0) return [];
    const by = this.randomness.bytes(MARK_BYTES).toString('base64url');
    const some = { _id: { $in: [...handles] } };
    const { modifiedCount } = await this.#mark(allOf([some, conditions]), by, now);
    if (modifiedCount === 0) return [];

    const marked = { ...some, 'claim.by': by };
    const options = { projection: SUMMARY_PROJECTION, hint: BY_HANDLE, batchSize: handles.length + 1 };
    const taken = await this.database.run(({ sessions }, within) =>
      sessions.find<SummaryDocument>(marked, { ...options, ...within }).toArray(),
    );
    await this.database.run(({ sessions }, within) => sessions.deleteMany(marked, { hint: BY_HANDLE, ...within }));
    return taken.map(toEnded);
  }

  #mark(conditions: Conditions, by: string, now: number): Promise<mongo.UpdateResult> {
    const until = { $add: ['$$NOW', LEASE * this.database.operationDeadline] };
    const ended = { revoked: true, expiresAt: { $min: ['$expiresAt', new Date(now)] } };
    const update = [
      { $set: { claim: { by, until }, ...ended } },
      // Whoever makes room among anonymous sessions does not find it any more.
      { $unset: 'anonymous' satisfies keyof SessionDocument },
    ];
    return this.database.runDurably(({ sessions }, durably) =>
      sessions.updateMany(conditions, update, { hint: BY_HANDLE, ...durably }),
    );
  }
}
