import { Injectable } from '@nestjs/common';
import type { mongo } from 'mongoose';
import { Clock, Randomness, SystemClock, SystemRandomness } from 'nest-gatehouse/common';
import {
  decodeSessionCursor,
  encodeSessionCursor,
  type EndedSession,
  type EndReason,
  type SessionFilter,
  type SessionList,
  type SessionPage,
  type SessionSort,
  UserSweepIndex,
} from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { MongooseSessionLocks } from './mongoose-session.locks.js';
import { SUMMARY_PROJECTION, toEnded, toSummary, type SummaryDocument } from './session-document.js';
import type { SessionDocument } from '../schema/session.schema.js';
import { inParallel } from '../database/in-parallel.js';
import { UserEpochs } from './user-epochs.js';

type Conditions = mongo.Filter<SessionDocument>;

/**
 * Lists and ends the sessions of a `MongooseSessionStore`. Each ended one is removed, and returned, by exactly one
 * caller.
 */
@Injectable()
export class MongooseSessionIndex extends UserSweepIndex {
  readonly #epochs: UserEpochs;
  readonly #sweeping: MongooseSessionLocks;

  constructor(
    private readonly database: MongooseDatabase,
    private readonly clock: Clock = new SystemClock(),
    randomness: Randomness = new SystemRandomness(),
  ) {
    super();
    this.#epochs = new UserEpochs(database);
    this.#sweeping = new MongooseSessionLocks(database, randomness, 'work:');
  }

  override async find(filter: SessionFilter, page: SessionPage): Promise<SessionList> {
    const { limit, sort = 'createdAt', cursor } = page;
    const conditions = { ...this.#living(filter), ...after(sort, cursor) };
    const options = { sort: { [sort]: -1, _id: -1 }, limit: limit + 1, projection: SUMMARY_PROJECTION } as const;
    const found = await this.database.run(({ sessions }, within) =>
      sessions.find<SummaryDocument>(conditions, { ...options, ...within }).toArray(),
    );
    const items = found.slice(0, limit).map(toSummary);
    return { items, next: found.length > limit ? encodeSessionCursor(sort, items[limit - 1]!) : null };
  }

  override async count(filter: SessionFilter): Promise<number> {
    const everything = Object.values(filter).every((condition) => condition === undefined);
    // A revoked session has an end in the past as well, so all live sessions can be counted by the index on
    // `expiresAt`.
    const conditions = everything ? { expiresAt: { $gt: this.#now() } } : this.#living(filter);
    return this.database.run(({ sessions }, within) => sessions.countDocuments(conditions, within));
  }

  override async end(filter: SessionFilter, limit: number, except?: string): Promise<readonly EndedSession[]> {
    const living = this.#living(filter);
    const others = except === undefined ? living : { ...living, _id: { $ne: except } };
    return this.#removeSome(others, { limit, sort: { createdAt: 1, _id: 1 } }, (_id) =>
      this.database.runDurably(({ sessions }, durably) =>
        sessions.findOneAndDelete({ ...living, _id }, { projection: SUMMARY_PROJECTION, ...durably }),
      ),
    );
  }

  override async endAmong(handles: readonly string[], filter: SessionFilter): Promise<readonly EndedSession[]> {
    const living = this.#living(filter);
    const removed = await inParallel([...handles], (_id) =>
      this.database.runDurably(({ sessions }, durably) =>
        sessions.findOneAndDelete({ ...living, _id }, { projection: SUMMARY_PROJECTION, ...durably }),
      ),
    );
    return removed.filter((document) => document !== null).map(toEnded);
  }

  override async sweep(limit: number): Promise<readonly EndedSession[]> {
    const expired = { expiresAt: { $lte: this.#now() } };
    if (!(await this.#exists(expired))) {
      const finished = await this.#epochs.finishOne(this.clock.now());
      return finished ? this.sweep(limit) : [];
    }
    const { operationDeadline } = this.database;
    const lease = await this.#sweeping.acquire('sweep', { wait: operationDeadline, lease: 10 * operationDeadline });
    if (!lease) return [];
    try {
      return await this.#removeSome(expired, { limit, sort: { expiresAt: 1 } }, (_id) =>
        this.database.run(({ sessions }, within) =>
          sessions.findOneAndDelete({ ...expired, _id }, { projection: SUMMARY_PROJECTION, ...within }),
        ),
      );
    } finally {
      await this.#sweeping.release(lease);
    }
  }

  override sweepUser(userId: string, limit: number): Promise<readonly EndedSession[]> {
    const revoked = { userId, revoked: true };
    return this.#removeSome(revoked, { limit }, (_id) =>
      this.database.runDurably(({ sessions }, durably) =>
        sessions.findOneAndDelete({ ...revoked, _id }, { projection: SUMMARY_PROJECTION, ...durably }),
      ),
    );
  }

  override userEpoch(userId: string): Promise<number> {
    return this.#epochs.of(userId);
  }

  override raiseUserEpoch(userId: string, epoch?: number, reason?: EndReason): Promise<number> {
    return this.#epochs.raise(userId, epoch, this.clock.now(), reason);
  }

  override forgetUser(userId: string): Promise<boolean> {
    return this.#epochs.forget(userId);
  }

  #now(): Date {
    return new Date(this.clock.now());
  }

  #living({ userId, ip, lastSeenBefore, lastSeenSince }: SessionFilter): Conditions {
    const conditions: mongo.Document = { expiresAt: { $gt: this.#now() }, revoked: null };
    if (userId !== undefined) conditions['userId'] = userId;
    if (ip !== undefined) conditions['ip'] = ip;
    if (lastSeenBefore !== undefined || lastSeenSince !== undefined) {
      conditions['lastSeenAt'] = {
        ...(lastSeenBefore !== undefined && { $lt: new Date(lastSeenBefore) }),
        ...(lastSeenSince !== undefined && { $gte: new Date(lastSeenSince) }),
      };
    }
    return conditions;
  }

  #exists(conditions: Conditions): Promise<boolean> {
    return this.database.run(
      async ({ sessions }, within) =>
        (await sessions.findOne(conditions, { projection: { _id: 1 }, ...within })) !== null,
    );
  }

  /** Removes one by one, so that each removal is returned to one caller only. Returns none only if none is left. */
  async #removeSome(
    search: Conditions,
    options: mongo.FindOptions,
    remove: (handle: string) => Promise<SummaryDocument | null>,
  ): Promise<readonly EndedSession[]> {
    for (;;) {
      const found = await this.database.run(({ sessions }, within) =>
        sessions.find(search, { projection: { _id: 1 }, ...options, ...within }).toArray(),
      );
      const removed = await inParallel(found, ({ _id }) => remove(_id));
      const ended = removed.filter((document) => document !== null).map(toEnded);
      if (ended.length > 0 || found.length === 0) return ended;
    }
  }
}

function after(sort: SessionSort, cursor: string | undefined): Conditions {
  if (cursor === undefined) return {};
  const { time, handle } = decodeSessionCursor(sort, cursor);
  const at = new Date(time);
  return { $and: [{ [sort]: { $lte: at } }, { $or: [{ [sort]: { $lt: at } }, { [sort]: at, _id: { $lt: handle } }] }] };
}
