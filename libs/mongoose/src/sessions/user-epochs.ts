import type { mongo } from 'mongoose';
import type { EndReason } from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import type { SessionDocument } from '../schema/session.schema.js';
import type { UserEpochDocument } from '../schema/user-epoch.schema.js';

const BATCH = 1_000;

/**
 * The epochs of users, and the marks that they leave on sessions.
 *
 * A session is looked up by reading its own document only, so raising an epoch marks each session that it revokes, on
 * the majority, before it resolves. A write that creates a session or gives it another user reads the epoch afterwards:
 * if both happen at once, at least one sees the other. An interrupted raise is noted on the epoch, and finished by the
 * next sweep.
 */
export class UserEpochs {
  constructor(private readonly database: MongooseDatabase) {}

  of(userId: string): Promise<number> {
    return this.database.run(async ({ epochs }, within) => (await epochs.findOne({ _id: userId }, within))?.epoch ?? 0);
  }

  /** Resolves once every session of a lower epoch is revoked. */
  async raise(userId: string, epoch: number | undefined, now: number, reason?: EndReason): Promise<number> {
    const update = {
      ...(epoch === undefined ? { $inc: { epoch: 1 } } : { $max: { epoch } }),
      $set: { unfinished: true, ...(reason && { reason }) },
      ...(!reason && { $unset: { reason: '' as const } }),
    };
    const raised = await this.database.runDurably(({ epochs }, durably) =>
      epochs.findOneAndUpdate({ _id: userId }, update, { upsert: true, returnDocument: 'after', ...durably }),
    );
    await this.#finish(raised!, now);
    return raised!.epoch;
  }

  /**
   * Revokes the session if its user's epoch is higher. To be called after a write that gave it a user or an epoch.
   * @returns whether it lives
   */
  async revokeIfOutdated(handle: string, userId: string, userEpoch: number, now: number): Promise<boolean> {
    const raised = await this.database.run(({ epochs }, within) => epochs.findOne({ _id: userId }, within));
    if (!raised || userEpoch >= raised.epoch) return true;
    await this.database.runDurably(({ sessions }, durably) =>
      sessions.updateOne({ _id: handle, userId, ...lowerThan(raised.epoch) }, revocation(now, raised.reason), durably),
    );
    return false;
  }

  /** @returns whether nothing of the user is left, apart from what is being removed */
  async forget(userId: string): Promise<boolean> {
    const kept = { userId, claim: null as never };
    const left = await this.database.run(({ sessions }, within) => sessions.findOne(kept, within));
    if (left) return false;
    await this.database.runDurably(({ epochs }, durably) => epochs.deleteOne({ _id: userId }, durably));
    return true;
  }

  /** Finishes at most one raise whose process died. @returns whether there was one */
  async finishOne(now: number): Promise<boolean> {
    const open = await this.database.run(({ epochs }, within) => epochs.findOne({ unfinished: true }, within));
    if (open) await this.#finish(open, now);
    return open !== null;
  }

  /** Works in batches with a deadline each, however many sessions the user has. */
  async #finish({ _id: userId, epoch, reason }: UserEpochDocument, now: number): Promise<void> {
    const { database } = this;
    const conditions: mongo.Filter<SessionDocument> = { userId, revoked: null as never, ...lowerThan(epoch) };
    for (let found = BATCH; found === BATCH;) {
      const batch = await database.run(({ sessions }, within) =>
        sessions.find(conditions, { projection: { _id: 1 }, limit: BATCH, ...within }).toArray(),
      );
      found = batch.length;
      if (found === 0) break;
      const handles = batch.map(({ _id }) => _id);
      await database.runDurably(({ sessions }, durably) =>
        sessions.updateMany({ _id: { $in: handles }, ...conditions }, revocation(now, reason), durably),
      );
    }
    await database.run(({ epochs }, within) =>
      epochs.updateOne({ _id: userId, epoch }, { $unset: { unfinished: '' } }, within),
    );
  }
}

function lowerThan(epoch: number): mongo.Filter<SessionDocument> {
  return { userEpoch: { $not: { $gte: epoch } } };
}

function revocation(now: number, revokedBecause?: EndReason): mongo.UpdateFilter<SessionDocument> {
  return { $set: { revoked: true, ...(revokedBecause && { revokedBecause }) }, $min: { expiresAt: new Date(now) } };
}
