import { type Awaitable, clientOf, type ClientRequest, hashSecret, newSecret, whenReady } from 'nest-gatehouse/common';
import type { AnonymousWrites } from './anonymous-writes.js';
import type { EngineParts } from './engine-parts.js';
import type { SessionCause } from './session.events.js';
import { sessionConflict, sessionTooLarge } from '../session.problems.js';
import type { EndReason } from '../storage/end-reason.js';
import { toSummary, type SessionRecord } from '../storage/session-record.js';
import { endOf } from './end-reason.js';
import { newRecord, type NewSession } from './new-record.js';
import type { SecretRotation, SessionUpdate, UpdateOutcome } from '../storage/session-store.js';
import { newHandle } from '../storage/handle.js';

/** What a save may add to an anonymous session, and which client's share it is charged to. */
export interface Growth {
  /** The client that makes the request. */
  readonly client?: ClientRequest;
  /**
   * All data after this request's changes, without those that other requests have made; undefined where only the store
   * can tell.
   */
  readonly intended?: string;
}

export type Saved = { readonly data: string; readonly version: number } | 'gone';

/** Every write to a session: made by the store, emitted as an event; refusals are thrown as problem documents. */
export class SessionWriter {
  constructor(
    private readonly engine: EngineParts,
    private readonly anonymous: AnonymousWrites,
  ) {}

  /**
   * @returns the stored record and its secret, which is kept nowhere else. @throws 413 `session_too_large`, 429
   * `too_many_sessions` for an anonymous one
   */
  async create(
    session: Omit<NewSession, 'handle' | 'secretHash'> & { handle?: string; client?: ClientRequest },
  ): Promise<{ record: SessionRecord; secret: string }> {
    const { engine } = this;
    this.#checkSize(session.data);
    const secret = newSecret(engine.randomness);
    const handle = session.handle ?? newHandle(engine.randomness);
    const record = newRecord(engine.options, { ...session, handle, secretHash: hashSecret(secret) });
    if (record.userId === null) await this.anonymous.create(session.client, record.data, () => this.#insert(record));
    else await this.#insert(record);
    return { record, secret };
  }

  async #insert(record: SessionRecord): Promise<void> {
    const { engine } = this;
    await engine.ask('insert', () => engine.storage.store.insert(record));
    const { handle, userId, ip, userAgent } = record;
    engine.events.emit('session.created', { handle, userId, ip, userAgent });
    this.#emitFirstUse(record, record.countedDay);
  }

  /**
   * @throws 409 `conflict`, 413 `session_too_large`, 429 `too_many_sessions`, TypeError for an increment of a value
   * that is not a number
   */
  save(record: SessionRecord, update: SessionUpdate, growth: Growth = {}): Awaitable<Saved> {
    if (record.userId !== null || update.data === undefined) return this.#save(record, update, growth.client);
    return this.anonymous.save(growth.client, record.data, growth.intended, () =>
      this.#save(record, update, growth.client),
    );
  }

  #save(record: SessionRecord, update: SessionUpdate, client?: ClientRequest): Awaitable<Saved> {
    const { engine } = this;
    const outcome = engine.ask('update', () => engine.storage.store.update(record.handle, update));
    return whenReady(outcome, (known) => {
      const day = update.fields?.countedDay;
      if (day !== undefined && known.status === 'updated' && known.firstOfDay) this.#emitFirstUse(record, day);
      return this.#saved(record, known, client);
    });
  }

  #saved(record: SessionRecord, outcome: UpdateOutcome, client?: ClientRequest): Saved {
    const { maxDataBytes } = this.engine.options;
    switch (outcome.status) {
      case 'updated':
        return outcome;
      case 'gone':
        return 'gone';
      case 'too_large':
        throw sessionTooLarge(maxDataBytes);
      case 'not_a_number':
        throw new TypeError(
          `The session value ${JSON.stringify(outcome.key)} is not a number that can be incremented.`,
        );
      case 'fenced':
      case 'stale':
        throw this.#conflict(record, [], client);
      case 'conflict':
        throw this.#conflict(record, outcome.keys, client);
    }
  }

  #emitFirstUse({ handle, userId, userAgent }: SessionRecord, day: number): void {
    this.engine.events.emit('session.first_use_of_day', { handle, userId, day, userAgent });
  }

  /** `stale`: another request has renewed the secret meanwhile. */
  async rotate(
    record: SessionRecord,
    grace: number,
    fields?: SecretRotation['fields'],
    cause?: SessionCause,
  ): Promise<{ record: SessionRecord; secret: string } | 'stale' | 'gone'> {
    const { engine } = this;
    const issuedAt = engine.clock.now();
    const secret = newSecret(engine.randomness);
    const secretHash = hashSecret(secret);
    const graceUntil = grace > 0 ? issuedAt + grace : 0;
    const outcome = await engine.ask('rotate', () =>
      engine.storage.store.rotate(record.handle, {
        expectedSecretHash: record.secretHash,
        secretHash,
        issuedAt,
        graceUntil,
        fields,
      }),
    );
    if (outcome !== 'rotated') return outcome;
    engine.events.emit('session.renewed', { ...cause, handle: record.handle, userId: record.userId });
    const former = { formerSecretHash: grace > 0 ? record.secretHash : null, formerSecretUntil: graceUntil };
    return { record: { ...record, ...fields, ...former, secretHash, secretIssuedAt: issuedAt }, secret };
  }

  /** Whether this call ended it. */
  async end(record: SessionRecord, reason: EndReason, cause?: SessionCause): Promise<boolean> {
    const { engine } = this;
    const ended = await engine.ask('delete', () => engine.storage.store.delete(record.handle));
    if (ended) engine.events.emit('session.ended', endOf(toSummary(record), reason, cause));
    return ended;
  }

  #checkSize(data: string): void {
    const { maxDataBytes } = this.engine.options;
    if (Buffer.byteLength(data) > maxDataBytes) throw sessionTooLarge(maxDataBytes);
  }

  #conflict({ handle, userId }: SessionRecord, keys: readonly string[], client?: ClientRequest) {
    const cause = client && { ip: clientOf(client).ip, userAgent: client.headers?.['user-agent'] ?? null };
    this.engine.events.emit('session.conflict', { ...cause, actorId: userId, handle, userId, keys });
    return sessionConflict(keys);
  }
}
