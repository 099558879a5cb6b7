import { Injectable } from '@nestjs/common';
import {
  type AttemptCounter,
  type AttemptOutcome,
  type FailurePolicy,
  LoginAttempts,
  type StoredAttempts,
  type WindowPolicy,
  withFailure,
  withWindowFailure,
} from 'nest-gatehouse/auth/storage';
import { Clock, SystemClock } from 'nest-gatehouse/common';
import type { mongo } from 'mongoose';
import { failurePipeline, windowPipeline } from './attempt-pipeline.js';
import { loginAttemptsSchema, type LoginAttemptsDocument } from './login-attempts.schema.js';
import { MongooseCollection } from '../database/mongoose-collection.js';
import type { MongooseDatabase } from '../database/mongoose-database.js';

/** Counters shared by all processes on the database: the server decides and counts in one step. */
@Injectable()
export class MongooseLoginAttempts extends LoginAttempts {
  readonly #counters: MongooseCollection<LoginAttemptsDocument>;

  constructor(
    database: MongooseDatabase,
    private readonly clock: Clock = new SystemClock(),
  ) {
    super();
    const setup = { model: 'GatehouseLoginAttempts', name: 'login_attempts', schema: loginAttemptsSchema };
    this.#counters = new MongooseCollection(database, setup);
  }

  /**
   * Creates or verifies the index by which MongoDB removes expired counters. @throws StorageIndexError,
   * StoreUnavailableError
   */
  prepare(): Promise<void> {
    return this.#counters.prepare();
  }

  override async countFailure(key: string, policy: FailurePolicy): Promise<AttemptOutcome> {
    const now = this.clock.now();
    const given = { ...policy };
    const before = await this.#count(key, failurePipeline(given, now));
    return withFailure(before, given, now) ? { allowed: true } : { allowed: false, retryAt: before!.blockedUntil };
  }

  override async countInWindow(key: string, policy: WindowPolicy): Promise<AttemptOutcome> {
    const now = this.clock.now();
    const given = { ...policy };
    const before = await this.#count(key, windowPipeline(given, now));
    return withWindowFailure(before, given, now)
      ? { allowed: true }
      : { allowed: false, retryAt: before!.blockedUntil };
  }

  override async takeBack(key: string): Promise<void> {
    await this.#counters.run((counters, within) =>
      counters.updateOne(
        { _id: key, failures: { $gt: 0 } },
        { $inc: { failures: -1 }, $set: { blockedUntil: null } },
        within,
      ),
    );
  }

  override async clear(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const given = [...keys];
    await this.#counters.run((counters, within) => counters.deleteMany({ _id: { $in: given } }, within));
  }

  override async read(key: string): Promise<AttemptCounter> {
    const now = this.clock.now();
    const counter = toCounter(await this.#counters.run((counters, within) => counters.findOne({ _id: key }, within)));
    if (!counter || counter.expiresAt <= now) return { failures: 0, blockedUntil: 0 };
    return { failures: counter.failures, blockedUntil: counter.blockedUntil > now ? counter.blockedUntil : 0 };
  }

  /** @returns the counter as it was before, from which it follows whether the failure was counted. */
  async #count(key: string, pipeline: mongo.Document[]): Promise<StoredAttempts | undefined> {
    return toCounter(
      await this.#counters.run((counters, within) =>
        counters.findOneAndUpdate({ _id: key }, pipeline, { upsert: true, returnDocument: 'before', ...within }),
      ),
    );
  }
}

function toCounter(document: LoginAttemptsDocument | null): StoredAttempts | undefined {
  if (!document || document.failures === 0) return undefined;
  const { failures, blockedUntil, expiresAt } = document;
  return { failures, blockedUntil: blockedUntil?.getTime() ?? 0, expiresAt: expiresAt.getTime() };
}
