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
  UserSweepIndex,
} from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { MongooseSessionLocks } from './mongoose-session.locks.js';
import { IS_LEFT_OVER, IS_UNCLAIMED, SessionClaims } from './session-claims.js';
import { SUMMARY_PROJECTION, toEnded, toSummary, type SummaryDocument } from './session-document.js';
import { INDEX_KEYS } from '../schema/session.schema.js';
import { allOf, fitting, isLive, type Conditions } from './session-conditions.js';
import { SessionCount } from './session-count.js';
import { SessionPlaces } from './session-places.js';
import { narrowing, rangesOf } from './session-range.js';
import { smallestOf } from './session-range-size.js';
import { SessionSearch } from './session-search.js';
import { inParallel } from '../database/in-parallel.js';
import { UserEpochs } from './user-epochs.js';

// A range of so many sessions is not counted to its end.
const LARGE = 50_000;

/**
 * Lists and ends the sessions of a `MongooseSessionStore`. Each ended one is removed, and returned, by exactly one
 * caller.
 */
@Injectable()
export class MongooseSessionIndex extends UserSweepIndex {
  readonly #epochs: UserEpochs;
  readonly #sweeping: MongooseSessionLocks;
  readonly #places: SessionPlaces;
  readonly #search: SessionSearch;
  readonly #count: SessionCount;
  readonly #claims: SessionClaims;

  constructor(
    private readonly database: MongooseDatabase,
    private readonly clock: Clock = new SystemClock(),
    randomness: Randomness = new SystemRandomness(),
  ) {
    super();
    this.#epochs = new UserEpochs(database);
    this.#places = new SessionPlaces(database);
    this.#search = new SessionSearch(database, clock);
    this.#count = new SessionCount(database, clock);
    this.#claims = new SessionClaims(database, randomness);
    this.#sweeping = new MongooseSessionLocks(database, randomness, 'work:');
  }

  override async find(filter: SessionFilter, page: SessionPage): Promise<SessionList> {
    const { limit, sort = 'createdAt', order = 'descending', cursor } = page;
    const start = cursor === undefined ? null : decodeSessionCursor(sort, cursor, order);
    await this.#places.complete(filter);
    const devices = await this.#places.devices(filter);
    const found = await this.#search.first({ filter, devices, sort, order, start, count: limit + 1 });
    const items = found.slice(0, limit).map(toSummary);
    if (found.length <= limit) return { items, next: null };
    const { [sort]: time, handle } = items.at(-1)!;
    return { items, next: encodeSessionCursor(sort, { time, handle }, order) };
  }

  override async count(filter: SessionFilter): Promise<number> {
    await this.#places.complete(filter);
    return this.#count.of(filter, await this.#places.devices(filter));
  }

  override async end(filter: SessionFilter, limit: number, except?: string): Promise<readonly EndedSession[]> {
    await this.#places.complete(filter);
    const devices = await this.#places.devices(filter);
    const ranges = narrowing(rangesOf(filter, devices), filter);
    const { index } = (await smallestOf(this.database, ranges, LARGE)) ?? ranges[0] ?? { index: INDEX_KEYS.creation };
    const living = allOf([...fitting(filter, devices), isLive(this.clock.now())]);
    const others = except === undefined ? living : { ...living, _id: { $ne: except } };
    return this.#removeSome(others, { limit, hint: index }, (_id) =>
      this.database.runDurably(({ sessions }, durably) =>
        sessions.findOneAndDelete({ ...living, _id }, { projection: SUMMARY_PROJECTION, ...durably }),
      ),
    );
  }

  override async endAmong(handles: readonly string[], filter: SessionFilter): Promise<readonly EndedSession[]> {
    await this.#places.complete(filter);
    const now = this.clock.now();
    const living = allOf([...fitting(filter, await this.#places.devices(filter)), isLive(now)]);
    return this.#claims.take(handles, living, now);
  }

  override async sweep(limit: number): Promise<readonly EndedSession[]> {
    const now = this.clock.now();
    const expired = { expiresAt: { $lte: new Date(now) } };
    const unclaimed = { ...expired, ...IS_UNCLAIMED };
    if (!(await this.#exists(unclaimed))) {
      if (await this.#epochs.finishOne(now)) return this.sweep(limit);
      await this.database.run(({ sessions }, within) => sessions.deleteMany({ ...expired, ...IS_LEFT_OVER }, within));
      return [];
    }
    const { operationDeadline } = this.database;
    const lease = await this.#sweeping.acquire('sweep', { wait: operationDeadline, lease: 10 * operationDeadline });
    if (!lease) return [];
    try {
      return await this.#removeSome(unclaimed, { limit, sort: { expiresAt: 1 } }, (_id) =>
        this.database.run(({ sessions }, within) =>
          sessions.findOneAndDelete({ ...unclaimed, _id }, { projection: SUMMARY_PROJECTION, ...within }),
        ),
      );
    } finally {
      await this.#sweeping.release(lease);
    }
  }

  override sweepUser(userId: string, limit: number): Promise<readonly EndedSession[]> {
    const revoked = { userId, revoked: true, ...IS_UNCLAIMED };
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
