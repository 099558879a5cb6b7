import { Injectable } from '@nestjs/common';
import {
  claimOutcome,
  type ClaimOutcome,
  type IdempotencyClaim,
  type IdempotencyCompletion,
  type IdempotencyName,
  type IdempotencyRelease,
  IdempotencyStore,
  type StoredClaim,
} from 'nest-gatehouse/sessman/storage';
import type { mongo } from 'mongoose';
import { MongooseCollection } from '../database/mongoose-collection.js';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { idempotencyKeySchema, type IdempotencyKeyDocument } from './idempotency-key.schema.js';

/**
 * Idempotency keys shared by all processes on the database: the server decides and claims in one step. Claims and
 * answers are on the majority before they are confirmed: after a failover no request may be carried out again.
 */
@Injectable()
export class MongooseIdempotencyStore extends IdempotencyStore {
  readonly #keys: MongooseCollection<IdempotencyKeyDocument>;

  constructor(database: MongooseDatabase) {
    super();
    const setup = { model: 'GatehouseIdempotencyKey', name: 'idempotency_keys', schema: idempotencyKeySchema };
    this.#keys = new MongooseCollection(database, setup);
  }

  /** Creates or verifies the index by which MongoDB removes expired keys. @throws StorageIndexError, StoreUnavailableError */
  prepare(): Promise<void> {
    return this.#keys.prepare();
  }

  override async claim(claim: IdempotencyClaim): Promise<ClaimOutcome> {
    const { fingerprint, now } = claim;
    const _id = idOf(claim);
    const pipeline = claimPipeline(_id, claim);
    const before = await this.#keys.runDurably((keys, durably) =>
      keys.findOneAndUpdate({ _id }, pipeline, { upsert: true, returnDocument: 'before', ...durably }),
    );
    return claimOutcome(before ? toStoredClaim(before) : undefined, { fingerprint, now });
  }

  override async complete({ answer, expiresAt, ...claim }: IdempotencyCompletion): Promise<boolean> {
    const attempt = ofAttempt(claim);
    const update = { $set: { answer, expiresAt: new Date(expiresAt) } };
    const { matchedCount } = await this.#keys.runDurably((keys, durably) => keys.updateOne(attempt, update, durably));
    return matchedCount > 0;
  }

  override async release(claim: IdempotencyRelease): Promise<void> {
    const attempt = ofAttempt(claim);
    await this.#keys.run((keys, within) => keys.deleteOne(attempt, within));
  }

  override async sweep(now: number, limit: number): Promise<number> {
    const expired = { expiresAt: { $lte: new Date(now) } };
    const found = await this.#keys.run((keys, within) =>
      keys.find(expired, { sort: { expiresAt: 1 }, limit, projection: { _id: 1 }, ...within }).toArray(),
    );
    if (found.length === 0) return 0;
    const ids = found.map(({ _id }) => _id);
    // One of them may have been claimed again meanwhile.
    const { deletedCount } = await this.#keys.run((keys, within) =>
      keys.deleteMany({ _id: { $in: ids }, ...expired }, within),
    );
    return deletedCount;
  }
}

/** What `claimOutcome` decides, as an update that the server makes in one step. */
function claimPipeline(
  _id: string,
  { fingerprint, owner, now, leaseUntil, expiresAt }: IdempotencyClaim,
): mongo.Document[] {
  const present = new Date(now);
  const isHeld = { $or: [{ $ne: ['$answer', null] }, { $gt: ['$leaseUntil', present] }] };
  const claimed: IdempotencyKeyDocument = {
    _id,
    fingerprint,
    owner,
    leaseUntil: new Date(leaseUntil),
    expiresAt: new Date(expiresAt),
    answer: null,
  };
  // A document that is not there has no `expiresAt`, and nothing is less than any date.
  const isKept = { $and: [{ $gt: ['$expiresAt', present] }, isHeld] };
  return [{ $replaceWith: { $cond: [isKept, '$$ROOT', { $literal: claimed }] } }];
}

function ofAttempt({ owner, ...name }: IdempotencyRelease) {
  return { _id: { $eq: idOf(name) }, owner: { $eq: owner }, answer: null };
}

function idOf({ keyId, key }: IdempotencyName): string {
  return JSON.stringify([keyId, key]);
}

function toStoredClaim({ fingerprint, answer, leaseUntil, expiresAt }: IdempotencyKeyDocument): StoredClaim {
  return { fingerprint, answer, leaseUntil: leaseUntil.getTime(), expiresAt: expiresAt.getTime() };
}
