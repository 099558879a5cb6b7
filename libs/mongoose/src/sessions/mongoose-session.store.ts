import { Injectable } from '@nestjs/common';
import type { mongo } from 'mongoose';
import { Clock, SystemClock } from 'nest-gatehouse/common';
import {
  copyOfRotation,
  copyOfUpdate,
  type RotationOutcome,
  type SecretRotation,
  SessionExistsError,
  type SessionFields,
  type SessionRecord,
  SessionStore,
  type SessionUpdate,
  type UpdateOutcome,
} from 'nest-gatehouse/session/storage';
import { MongooseDatabase } from '../database/mongoose-database.js';
import type { Operation, WithinDeadline } from '../database/operation.js';
import { movesDay, sessionChange, updateOf, type SessionChange } from './session-change.js';
import { alive, fieldChanges, toDocument, toHash } from './session-document.js';
import type { SessionDocument } from '../schema/session.schema.js';
import { isDuplicateKey, unavailable } from '../database/store-failure.js';
import { toText } from '../schema/stored-data.js';
import { mergeUpdates } from './session-merge.js';
import { SessionReads } from './session-reads.js';
import { UpdateQueue, type UpdateResult } from './update-queue.js';
import { UserEpochs } from './user-epochs.js';

const AFTER_CHANGE = {
  returnDocument: 'after',
  projection: { _id: 0, data: 1, dataBytes: 1, version: 1, userId: 1, userEpoch: 1, anonymous: 1 },
} as const;

/** Small compared with the kilobyte that each session counts in any case. */
const MAX_UNNOTED_BYTES = 256;

/** After so many attempts to write a merge the session is changed by other processes as well. */
const MAX_MERGES = 3;

/** Sessions in MongoDB: one operation for each method, a second one only if the first could not do what was asked. */
@Injectable()
export class MongooseSessionStore extends SessionStore {
  readonly #epochs: UserEpochs;
  readonly #reads: SessionReads;
  readonly #updates: UpdateQueue;

  constructor(
    private readonly database: MongooseDatabase,
    private readonly clock: Clock = new SystemClock(),
  ) {
    super();
    this.#epochs = new UserEpochs(database);
    this.#reads = new SessionReads(database, () => this.clock.now());
    this.#updates = new UpdateQueue(database.operationDeadline, {
      one: (handle, update) => this.#update(handle, update),
      together: (handle, updates) => this.#updateTogether(handle, updates),
    });
  }

  override async insert(record: SessionRecord): Promise<void> {
    const { handle, userId, userEpoch } = record;
    const document = toDocument(record);
    try {
      if (userId === null) await this.database.run(({ sessions }, within) => sessions.insertOne(document, within));
      else await this.database.runDurably(({ sessions }, durably) => sessions.insertOne(document, durably));
    } catch (error) {
      if (error instanceof Error && isDuplicateKey(error.cause)) throw new SessionExistsError(handle);
      throw error;
    }
    if (userId !== null) await this.#epochs.revokeIfOutdated(handle, userId, userEpoch, this.clock.now());
  }

  override read(handle: string): Promise<SessionRecord | null> {
    return this.#reads.read(handle);
  }

  /** Updates that would wait for each other on the server are made together here. */
  override update(handle: string, given: SessionUpdate): Promise<UpdateOutcome> {
    const update = copyOfUpdate(given);
    return changesUser(update.fields) ? this.#update(handle, update) : this.#updates.add(handle, update);
  }

  override async rotate(handle: string, rotation: SecretRotation): Promise<RotationOutcome> {
    const { expectedSecretHash, secretHash, issuedAt, graceUntil, fields } = copyOfRotation(rotation);
    const graced = graceUntil > 0;
    const former = graced
      ? { formerSecretHash: toHash(expectedSecretHash), formerSecretUntil: new Date(graceUntil) }
      : {};
    const { set, unset } = fieldChanges(fields);
    Object.assign(set, { secretHash: toHash(secretHash), secretIssuedAt: new Date(issuedAt), ...former });
    if (!graced) Object.assign(unset, { formerSecretHash: '', formerSecretUntil: '' });

    const living = alive(handle, this.clock.now());
    const rotated = await this.database.runDurably(({ sessions }, durably) =>
      sessions.findOneAndUpdate({ ...living, secretHash: toHash(expectedSecretHash) }, updateOf(set, unset)!, {
        projection: { _id: 0, userId: 1, userEpoch: 1 },
        returnDocument: 'after',
        ...durably,
      }),
    );
    if (rotated) return (await this.#stillLives(handle, rotated, fields)) ? 'rotated' : 'gone';
    return (await this.#exists(living)) ? 'stale' : 'gone';
  }

  override async delete(handle: string): Promise<boolean> {
    const living = alive(handle, this.clock.now());
    const { deletedCount } = await this.database.runDurably(({ sessions }, durably) =>
      sessions.deleteOne(living, durably),
    );
    return deletedCount === 1;
  }

  /**
   * Three steps, in this order: first the cheap write, which replaces data that nobody has changed; then the atomic
   * one, which changes single keys on the server; last read-merge-write, for what one operation on the server cannot
   * decide.
   */
  async #update(handle: string, update: SessionUpdate): Promise<UpdateOutcome> {
    const change = sessionChange(update);
    const replaced = change && (await this.#replaceUnchanged(handle, change, update));
    if (replaced) return replaced;
    const document = change && (await this.#write(handle, change, update.fields));
    if (!document) return this.#readMergeWrite(handle, update);
    if (!(await this.#stillLives(handle, document, update.fields))) return { status: 'gone' };
    const data = toText(document.data);
    await this.#noteBytes(handle, document, Buffer.byteLength(data));
    return { status: 'updated', version: document.version, data, ...firstOfDay(update.fields) };
  }

  /**
   * Several updates at once, none of which changes the user: the third step for all of them. Where other processes are
   * faster again and again, each is made on its own.
   */
  async #updateTogether(handle: string, updates: readonly SessionUpdate[]): Promise<readonly UpdateResult[]> {
    for (let attempt = 0; attempt < MAX_MERGES; attempt++) {
      const seen = await this.read(handle);
      if (!seen) return updates.map(() => ({ status: 'fulfilled', value: { status: 'gone' } }));
      const { results, change } = mergeUpdates(seen, updates);
      if (!change) return results;
      const living = { ...change.conditions, ...alive(handle, this.clock.now()) };
      const { matchedCount } = await this.database.run(({ sessions }, within) =>
        sessions.updateOne(living, change.update, within),
      );
      if (matchedCount === 1) return results;
    }
    return Promise.allSettled(updates.map((update) => this.#update(handle, update)));
  }

  /**
   * Step 1: if nobody has changed the data since it was read, the result is known, so no size is computed and no data
   * sent back. Null if it does not apply.
   */
  async #replaceUnchanged(
    handle: string,
    { update }: SessionChange,
    { whole, fields, fence, maxDataBytes, ifVersion, replacement }: SessionUpdate,
  ) {
    if (!whole || replacement !== undefined || changesUser(fields)) return null;
    const { version, data } = whole;
    if (version !== (ifVersion ?? version)) return null;
    const dataBytes = Buffer.byteLength(data);
    if (dataBytes > (maxDataBytes ?? Infinity)) return null;
    const fenced = fence === undefined ? {} : { $nor: [{ fence: { $gt: fence } }] };
    const living = { ...alive(handle, this.clock.now()), version, ...fenced, ...movesDay(fields) };
    const { matchedCount } = await this.database.run(({ sessions }, within) =>
      sessions.updateOne(living, { ...update, $set: { ...(update['$set'] as object), dataBytes } }, within),
    );
    if (matchedCount === 0) return null;
    return { status: 'updated', version: version + 1, data, ...firstOfDay(fields) } as const;
  }

  /** Step 2: changes single keys in one atomic operation. Null if its conditions do not hold. */
  #write(handle: string, { conditions, update }: SessionChange, fields?: SessionFields): Promise<Changed | null> {
    const living = { ...conditions, ...alive(handle, this.clock.now()) };
    const write: Operation<Changed | null, WithinDeadline> = ({ sessions }, options) =>
      sessions.findOneAndUpdate(living, update, { ...AFTER_CHANGE, ...options });
    return changesUser(fields) ? this.database.runDurably(write) : this.database.run(write);
  }

  /**
   * Step 3: reads the session, merges in this process as every store does, and writes only if the version is still the
   * one that was read.
   */
  async #readMergeWrite(handle: string, update: SessionUpdate): Promise<UpdateOutcome> {
    const giveUpAt = performance.now() + this.database.operationDeadline;
    do {
      const seen = await this.read(handle);
      if (!seen) return { status: 'gone' };
      const { results, change } = mergeUpdates(seen, [update]);
      const [result] = results;
      if (result!.status === 'rejected') throw result!.reason;
      const outcome = result!.value;
      if (!change) return outcome;
      const document = await this.#write(handle, change, update.fields);
      if (document) return (await this.#stillLives(handle, document, update.fields)) ? outcome : { status: 'gone' };
    } while (performance.now() < giveUpAt);
    throw unavailable('busy');
  }

  /**
   * An update of single keys does not know the new size of the data. A second update stores it for anonymous sessions
   * if it has changed much, because many of them could otherwise exceed the bound.
   */
  async #noteBytes(handle: string, { anonymous, version, dataBytes = 0 }: Changed, bytes: number): Promise<void> {
    if (!anonymous || Math.abs(bytes - dataBytes) <= MAX_UNNOTED_BYTES) return;
    const noted = this.database.run(({ sessions }, within) =>
      sessions.updateOne({ _id: handle, version }, { $set: { dataBytes: bytes } }, within),
    );
    // The update itself is done; the next save notes the size again.
    await noted.catch(() => undefined);
  }

  /** Whether the session still lives after an update that may have given it another user or epoch. */
  async #stillLives(handle: string, document: Owner, fields: SessionFields | undefined): Promise<boolean> {
    if (!changesUser(fields) || document.userId === undefined) return true;
    return this.#epochs.revokeIfOutdated(handle, document.userId, document.userEpoch ?? 0, this.clock.now());
  }

  #exists(conditions: mongo.Filter<SessionDocument>): Promise<boolean> {
    return this.database.run(
      async ({ sessions }, within) =>
        (await sessions.findOne(conditions, { projection: { _id: 1 }, ...within })) !== null,
    );
  }
}

type Owner = Pick<SessionDocument, 'userId' | 'userEpoch'>;
type Changed = Owner & Pick<SessionDocument, 'data' | 'dataBytes' | 'version' | 'anonymous'>;

/** Of an update whose conditions have held, which include that it moves the day. */
function firstOfDay(fields: SessionFields | undefined): { readonly firstOfDay?: true } {
  return (fields?.countedDay ?? 0) > 0 ? { firstOfDay: true } : {};
}

function changesUser(fields: SessionFields | undefined): boolean {
  return fields?.userId !== undefined || fields?.userEpoch !== undefined;
}
