import { Injectable } from '@nestjs/common';
import {
  ApiKeyExistsError,
  type ApiKeyList,
  apiKeyPage,
  type ApiKeyPage,
  type ApiKeyRecord,
  type ApiKeyRotation,
  type ApiKeyRotationOutcome,
  ApiKeyStore,
  decodeApiKeyCursor,
} from 'nest-gatehouse/sessman/storage';
import type { mongo } from 'mongoose';
import { MongooseCollection } from '../database/mongoose-collection.js';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { isDuplicateKey } from '../database/store-failure.js';
import { apiKeySchema, secretFields, toApiKeyDocument, toApiKeyRecord, type ApiKeyDocument } from './api-key.schema.js';

/** API keys in MongoDB. All but the last use is on the majority before it is confirmed. */
@Injectable()
export class MongooseApiKeyStore extends ApiKeyStore {
  readonly #keys: MongooseCollection<ApiKeyDocument>;

  constructor(database: MongooseDatabase) {
    super();
    this.#keys = new MongooseCollection(database, { model: 'GatehouseApiKey', name: 'api_keys', schema: apiKeySchema });
  }

  /** Creates or verifies the indexes. @throws StorageIndexError, StoreUnavailableError */
  prepare(): Promise<void> {
    return this.#keys.prepare();
  }

  override async insert(record: ApiKeyRecord): Promise<void> {
    const document = toApiKeyDocument(record);
    try {
      await this.#keys.runDurably((keys, durably) => keys.insertOne(document, durably));
    } catch (error) {
      if (error instanceof Error && isDuplicateKey(error.cause)) throw new ApiKeyExistsError(document._id);
      throw error;
    }
  }

  override async read(id: string): Promise<ApiKeyRecord | null> {
    const document = await this.#keys.run((keys, within) => keys.findOne({ _id: { $eq: id } }, within));
    return document && toApiKeyRecord(document);
  }

  override async list({ limit, cursor }: ApiKeyPage): Promise<ApiKeyList> {
    const after = cursor === undefined ? {} : olderThan(cursor);
    const found = await this.#keys.run((keys, within) =>
      keys.find(after, { sort: { createdAt: -1, _id: -1 }, limit: limit + 1, ...within }).toArray(),
    );
    return apiKeyPage(found.map(toApiKeyRecord), limit);
  }

  override async rotate(
    id: string,
    { expectedSecretHash, ...secrets }: ApiKeyRotation,
  ): Promise<ApiKeyRotationOutcome> {
    const expected = { _id: { $eq: id }, secretHash: { $eq: expectedSecretHash } };
    const update = { $set: secretFields(secrets) };
    const { matchedCount } = await this.#keys.runDurably((keys, durably) => keys.updateOne(expected, update, durably));
    if (matchedCount > 0) return 'rotated';
    return (await this.read(id)) ? 'stale' : 'gone';
  }

  override async used(id: string, at: number, interval: number): Promise<void> {
    const before = new Date(at - interval);
    const due = { _id: { $eq: id }, $or: [{ lastUsedAt: null }, { lastUsedAt: { $lte: before } }] };
    await this.#keys.run((keys, within) => keys.updateOne(due, { $set: { lastUsedAt: new Date(at) } }, within));
  }

  override async delete(id: string): Promise<boolean> {
    const { deletedCount } = await this.#keys.runDurably((keys, durably) =>
      keys.deleteOne({ _id: { $eq: id } }, durably),
    );
    return deletedCount > 0;
  }

  override async deleteByOwner(ownerId: string): Promise<number> {
    const { deletedCount } = await this.#keys.runDurably((keys, durably) =>
      keys.deleteMany({ ownerId: { $eq: ownerId } }, durably),
    );
    return deletedCount;
  }
}

function olderThan(cursor: string): mongo.Filter<ApiKeyDocument> {
  const position = decodeApiKeyCursor(cursor);
  const createdAt = new Date(position.createdAt);
  return { createdAt: { $lte: createdAt }, $or: [{ createdAt: { $lt: createdAt } }, { _id: { $lt: position.id } }] };
}
