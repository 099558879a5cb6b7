import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, mongo, Types } from 'mongoose';
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
import { Person } from './person.schema.js';

/** The accounts that Gatehouse sees are the people of the shop. */
@Injectable()
export class PersonStore extends UserStore {
  constructor(@InjectModel(Person.name) private readonly people: Model<Person>) {
    super();
  }

  override async insert(user: NewUser): Promise<UserRecord> {
    const { id, canonicalUsername, passwordHash, roles, ...account } = newUserRecord(user);
    try {
      await this.people.create({ _id: id, email: canonicalUsername, passwordHash, roles: [...roles], account });
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === 11000) throw new UsernameTakenError(user.username);
      throw error;
    }
    return newUserRecord(user);
  }

  override async findById(id: string): Promise<UserRecord | null> {
    return recordOf(await this.people.findOne({ _id: keyOf(id) }).lean());
  }

  override async findByCanonicalUsername(email: string): Promise<UserRecord | null> {
    return recordOf(await this.people.findOne({ email }).lean());
  }

  override async update(id: string, changes: UserChanges, expected: UserExpectation = {}): Promise<UserRecord | null> {
    const { raiseEpoch = false, ...fields } = changes;
    const epoch = { $ifNull: ['$account.epoch', 0] };
    const least = raiseEpoch === true ? 0 : raiseEpoch;
    const set: Record<string, unknown> = {
      'account.epoch': least === false ? epoch : { $add: [{ $max: [epoch, least] }, 1] },
    };
    for (const [field, value] of Object.entries(fields)) {
      if (value !== undefined) set[OWN_FIELDS.includes(field) ? field : `account.${field}`] = { $literal: value };
    }
    const conditions: Record<string, unknown> = { _id: keyOf(id) };
    if (expected.passwordHash !== undefined) conditions.passwordHash = expected.passwordHash;
    if (expected.epoch !== undefined) conditions['account.epoch'] = expected.epoch || { $in: [0, null] };
    const options = { returnDocument: 'after', updatePipeline: true } as const;
    return recordOf(await this.people.findOneAndUpdate(conditions, [{ $set: set }], options).lean());
  }

  override async list({ limit, cursor, prefix = '' }: UserPage): Promise<UserList> {
    const after = cursor === undefined ? {} : { email: { $gt: decodeKeyCursor('users', cursor) } };
    const begins = { email: { $gte: prefix, $lte: `${prefix}\u{10FFFF}` } };
    const query = this.people.find({ $and: [begins, after] }).sort({ email: 1 });
    const people = await query.limit(limit + 1).lean();
    const items = people.slice(0, limit).map((person) => recordOf(person)!);
    return { items, next: people.length > limit ? encodeKeyCursor('users', items.at(-1)!.canonicalUsername) : null };
  }

  override async delete(id: string): Promise<boolean> {
    return (await this.people.deleteOne({ _id: keyOf(id) })).deletedCount > 0;
  }
}

const OWN_FIELDS = ['passwordHash', 'roles'];

function keyOf(id: string): Types.ObjectId | string {
  return /^[0-9a-f]{24}$/.test(id) ? new Types.ObjectId(id) : id;
}

/** What an old account has not is as `newUserRecord` fills it in. */
function recordOf(person: Person | null): UserRecord | null {
  if (!person) return null;
  const { _id, email, passwordHash, roles, account } = person;
  const known = { username: email, createdAt: 0, ...account };
  return newUserRecord({ ...known, id: String(_id), canonicalUsername: email, passwordHash, roles });
}
