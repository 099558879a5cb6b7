import type { mongo } from 'mongoose';
import type { Randomness } from 'nest-gatehouse/common';
import type { EndedSession } from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { unavailable } from '../database/store-failure.js';
import type { SessionDocument } from '../schema/session.schema.js';
import { allOf, type Conditions } from './session-conditions.js';
import { SUMMARY_PROJECTION, toEnded, type SummaryDocument } from './session-document.js';

export interface ClaimOptions {
  /** Whether neither a failover nor a crash of mongod may undo the end. */
  readonly durable: boolean;
  /** Whether the caller has noted the sessions before, and emits their ends even if this process dies. */
  readonly noted?: true;
}

const MARK_BYTES = 16;
/** How many deadlines of an operation a claim holds. */
const LEASE = 10;
/** After how many of them the claimant itself gives up: the rest is for what it has under way then. */
const PATIENCE = 5;

const BY_HANDLE = { _id: 1 } as const;
const HAS_LAPSED = { $expr: { $lte: ['$claim.until', '$$NOW'] } };
const IS_CLAIMED = { 'claim.by': { $exists: true } };

/** Of sessions that have ended: nobody is removing them, or whoever was has died before it could emit their ends. */
export const IS_UNCLAIMED: Conditions = {
  $or: [{ claim: null as never }, { ...IS_CLAIMED, 'claim.noted': null, ...HAS_LAPSED }],
};

/** Their ends are emitted by whoever has noted them; only the documents are left. */
export const IS_LEFT_OVER: Conditions = { ...IS_CLAIMED, 'claim.noted': true, ...HAS_LAPSED };

/**
 * Removes many sessions in three commands, each of them for one caller only.
 *
 * 1. One update writes a unique mark on those that meet the conditions, which also ends them for every reader.
 * 2. The marked ones are read. Nobody else has them: an update of one document is atomic.
 * 3. They are deleted.
 *
 * If the process dies before the third step, the mark lapses, by the clock of the database server, and the next sweep
 * removes the sessions: with their ends, or without those that the claimant has noted elsewhere.
 */
export class SessionClaims {
  constructor(
    private readonly database: MongooseDatabase,
    private readonly randomness: Randomness,
  ) {}

  /** Ends, removes and returns those of these sessions that meet the conditions. */
  async take(
    handles: readonly string[],
    conditions: Conditions,
    now: number,
    options: ClaimOptions,
  ): Promise<readonly EndedSession[]> {
    if (handles.length === 0) return [];
    const { operationDeadline } = this.database;
    const giveUpAt = performance.now() + PATIENCE * operationDeadline;
    const by = this.randomness.bytes(MARK_BYTES).toString('base64url');
    const some = { _id: { $in: [...handles] } };
    const claim = { by, lease: LEASE * operationDeadline, now, ...options };
    const { modifiedCount } = await this.#mark(allOf([some, conditions]), claim);
    if (modifiedCount === 0) return [];

    const marked = { ...some, 'claim.by': by };
    const taken = await this.database.run(({ sessions }, within) =>
      sessions.find<SummaryDocument>(marked, { projection: SUMMARY_PROJECTION, hint: BY_HANDLE, ...within }).toArray(),
    );
    // A process that was stopped for so long may have lost its claim to a sweep, which emits the ends.
    if (performance.now() > giveUpAt) throw unavailable('busy');
    await this.database.run(({ sessions }, within) => sessions.deleteMany(marked, { hint: BY_HANDLE, ...within }));
    return taken.map(toEnded);
  }

  #mark(conditions: Conditions, { by, lease, now, durable, noted }: Claim): Promise<mongo.UpdateResult> {
    const until = { $add: ['$$NOW', lease] };
    const ended = { revoked: true, expiresAt: { $min: ['$expiresAt', new Date(now)] } };
    const update = [
      { $set: { claim: { by, until, ...(noted && { noted }) }, ...ended } },
      // Whoever makes room among anonymous sessions does not find it any more.
      { $unset: 'anonymous' satisfies keyof SessionDocument },
    ];
    const options = { hint: BY_HANDLE } as const;
    if (!durable)
      return this.database.run(({ sessions }, within) =>
        sessions.updateMany(conditions, update, { ...options, ...within }),
      );
    return this.database.runDurably(({ sessions }, durably) =>
      sessions.updateMany(conditions, update, { ...options, ...durably }),
    );
  }
}

interface Claim extends ClaimOptions {
  readonly by: string;
  /** Milliseconds. */
  readonly lease: number;
  readonly now: number;
}
