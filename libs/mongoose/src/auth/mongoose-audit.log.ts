import { Injectable } from '@nestjs/common';
import {
  type AuditedAccount,
  type AuditEntry,
  type AuditFilter,
  type AuditList,
  AuditLog,
  type AuditPage,
  decodeKeyCursor,
  encodeKeyCursor,
  pseudonymised,
} from 'nest-gatehouse/auth/storage';
import type { mongo } from 'mongoose';
import { auditEntrySchema, type AuditEntryDocument } from './audit-entry.schema.js';
import { MongooseCollection } from '../database/mongoose-collection.js';
import type { MongooseDatabase } from '../database/mongoose-database.js';

/** The audit trail in MongoDB. */
@Injectable()
export class MongooseAuditLog extends AuditLog {
  readonly #entries: MongooseCollection<AuditEntryDocument>;

  constructor(database: MongooseDatabase) {
    super();
    const setup = { model: 'GatehouseAuditEntry', name: 'audit_log', schema: auditEntrySchema };
    this.#entries = new MongooseCollection(database, setup);
  }

  /** Creates or verifies the indexes by which entries are found. @throws StorageIndexError, StoreUnavailableError */
  prepare(): Promise<void> {
    return this.#entries.prepare();
  }

  override async append(entry: AuditEntry): Promise<void> {
    const document = toDocument(entry);
    await this.#entries.run((entries, within) => entries.insertOne(document, within));
  }

  override async appendAll(given: readonly AuditEntry[]): Promise<void> {
    if (given.length === 0) return;
    const documents = given.map(toDocument);
    await this.#entries.run((entries, within) => entries.insertMany(documents, within));
  }

  override async find(filter: AuditFilter, { limit, cursor }: AuditPage): Promise<AuditList> {
    const matching = await this.#matching(filter, cursor === undefined ? null : decodeKeyCursor('audit', cursor));
    if (!matching) return { items: [], next: null };
    const found = await this.#entries.run((entries, within) =>
      entries.find(matching, { sort: { _id: -1 }, limit: limit + 1, ...within }).toArray(),
    );
    const items = found.slice(0, limit).map(toEntry);
    return { items, next: found.length > limit ? encodeKeyCursor('audit', items.at(-1)!.id) : null };
  }

  override async count(filter: AuditFilter): Promise<number> {
    const matching = await this.#matching(filter, null);
    return matching ? this.#entries.run((entries, within) => entries.countDocuments(matching, within)) : 0;
  }

  override async pseudonymise(account: AuditedAccount, pseudonym: string, limit: number): Promise<number> {
    const { id, usernames } = account;
    const isOfAccount = { $or: [{ userId: id }, { actorId: id }, { username: { $in: [...usernames] } }] };
    const found = await this.#entries.run((entries, within) =>
      entries.find(isOfAccount, { limit, ...within }).toArray(),
    );
    if (found.length === 0) return 0;
    const renamed = found.map((document) => toDocument(pseudonymised(toEntry(document), account, pseudonym)));
    await this.#entries.run((entries, within) =>
      entries.bulkWrite(
        renamed.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement } })),
        within,
      ),
    );
    return found.length;
  }

  override async expire(before: number, limit: number): Promise<number> {
    const old = await this.#entries.run((entries, within) =>
      entries
        .find({ at: { $lt: new Date(before) } }, { sort: { at: 1, _id: 1 }, limit, projection: { _id: 1 }, ...within })
        .toArray(),
    );
    if (old.length === 0) return 0;
    const ids = old.map(({ _id }) => _id);
    const { deletedCount } = await this.#entries.run((entries, within) =>
      entries.deleteMany({ _id: { $in: ids } }, within),
    );
    return deletedCount;
  }

  /** Null if nothing can match. */
  async #matching(
    { since, before, ...exact }: AuditFilter,
    after: string | null,
  ): Promise<mongo.Filter<AuditEntryDocument> | null> {
    const given = Object.entries(exact).filter(([, value]) => value !== undefined);
    const conditions: mongo.Filter<AuditEntryDocument>[] = given.map(([name, value]) => ({ [name]: { $eq: value } }));
    if (after !== null) conditions.push({ _id: { $lt: after } });
    // Ids are sorted by time, so a time can be turned into a position in any index that ends with the id.
    if (since !== undefined) {
      const first = await this.#firstSince(since);
      if (first === null) return null;
      conditions.push({ _id: { $gte: first } });
    }
    const end = before === undefined ? null : await this.#firstSince(before);
    if (end !== null) conditions.push({ _id: { $lt: end } });
    return conditions.length > 0 ? { $and: conditions } : {};
  }

  async #firstSince(time: number): Promise<string | null> {
    const document = await this.#entries.run((entries, within) =>
      entries.findOne({ at: { $gte: new Date(time) } }, { sort: { at: 1, _id: 1 }, projection: { _id: 1 }, ...within }),
    );
    return document?._id ?? null;
  }
}

const TEXTS = ['actorId', 'userId', 'username', 'handle', 'ip', 'userAgent', 'detail'] as const;

function toDocument(entry: AuditEntry): AuditEntryDocument {
  const texts = TEXTS.filter((name) => entry[name] !== null).map((name) => [name, entry[name]] as const);
  const session = entry.session ? { session: { ...entry.session } } : {};
  return { _id: entry.id, at: new Date(entry.at), type: entry.type, ...Object.fromEntries(texts), ...session };
}

function toEntry(document: AuditEntryDocument): AuditEntry {
  return Object.freeze({
    id: document._id,
    at: document.at.getTime(),
    type: document.type,
    actorId: document.actorId ?? null,
    userId: document.userId ?? null,
    username: document.username ?? null,
    handle: document.handle ?? null,
    ip: document.ip ?? null,
    userAgent: document.userAgent ?? null,
    detail: document.detail ?? null,
    session: document.session ?? null,
  });
}
