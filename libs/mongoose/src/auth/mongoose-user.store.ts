import { Injectable } from '@nestjs/common';
import {
  decodeKeyCursor,
  encodeKeyCursor,
  type NewUser,
  newUserRecord,
  type UserChanges,
  type UserExpectation,
  type UserList,
  UsernameTakenError,
  type UserPage,
  type UserRecord,
  UserStore,
} from 'nest-gatehouse/auth/storage';
import type { mongo } from 'mongoose';
import { MongooseCollection } from '../database/mongoose-collection.js';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { isDuplicateKey } from '../database/store-failure.js';
import { asExpected, toUserDocument, toUserRecord, userUpdate } from './user-document.js';
import { userSchema, type UserDocument } from './user.schema.js';

/** Accounts in MongoDB: one operation for each method; a change is on the majority before it is confirmed. */
@Injectable()
export class MongooseUserStore extends UserStore {
  readonly #users: MongooseCollection<UserDocument>;

  constructor(database: MongooseDatabase) {
    super();
    this.#users = new MongooseCollection(database, { model: 'GatehouseUser', name: 'users', schema: userSchema });
  }

  /** Creates or verifies the index that keeps usernames unique. @throws StorageIndexError, StoreUnavailableError */
  prepare(): Promise<void> {
    return this.#users.prepare();
  }

  override async insert(user: NewUser): Promise<UserRecord> {
    const record = newUserRecord(user);
    try {
      await this.#users.runDurably((users, durably) => users.insertOne(toUserDocument(record), durably));
    } catch (error) {
      if (error instanceof Error && isDuplicateKey(error.cause)) throw new UsernameTakenError(record.username);
      throw error;
    }
    return record;
  }

  override findById(id: string): Promise<UserRecord | null> {
    return this.#find({ _id: { $eq: id } });
  }

  override findByCanonicalUsername(canonicalUsername: string): Promise<UserRecord | null> {
    return this.#find({ canonicalUsername: { $eq: canonicalUsername } });
  }

  override async update(id: string, changes: UserChanges, expected: UserExpectation = {}): Promise<UserRecord | null> {
    const conditions = { _id: { $eq: id }, ...asExpected(expected) };
    const update = userUpdate(changes);
    if (!update) return this.#find(conditions);
    const document = await this.#users.runDurably((users, durably) =>
      users.findOneAndUpdate(conditions, update, { returnDocument: 'after', ...durably }),
    );
    return document && toUserRecord(document);
  }

  override async delete(id: string): Promise<boolean> {
    const deleted = await this.#users.runDurably((users, durably) => users.deleteOne({ _id: { $eq: id } }, durably));
    return deleted.deletedCount > 0;
  }

  override async hasOther(role: string, exceptId: string): Promise<boolean> {
    const other = { roles: { $eq: role }, disabled: false, _id: { $ne: exceptId } };
    const found = await this.#users.run((users, within) => users.findOne(other, { projection: { _id: 1 }, ...within }));
    return found !== null;
  }

  override async list({ limit, cursor, prefix = '' }: UserPage): Promise<UserList> {
    const after = cursor === undefined ? {} : { canonicalUsername: { $gt: decodeKeyCursor('users', cursor) } };
    const begins = prefix === '' ? {} : { canonicalUsername: { $gte: prefix, $lt: `${prefix}\u{10FFFF}` } };
    const found = await this.#users.run((users, within) =>
      users.find({ $and: [after, begins] }, { sort: { canonicalUsername: 1 }, limit: limit + 1, ...within }).toArray(),
    );
    const items = found.slice(0, limit).map(toUserRecord);
    return { items, next: found.length > limit ? encodeKeyCursor('users', items.at(-1)!.canonicalUsername) : null };
  }

  async #find(conditions: mongo.Filter<UserDocument>): Promise<UserRecord | null> {
    const document = await this.#users.run((users, within) => users.findOne(conditions, within));
    return document && toUserRecord(document);
  }
}
