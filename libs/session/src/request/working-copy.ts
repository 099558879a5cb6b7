import { type Awaitable, whenReady } from 'nest-gatehouse/common';
import { checkData } from '../data/data-schema.js';
import type { DataChanges } from '../data/merge.js';
import { draftOf, formerValues, parseData, pick, pickText, type Draft } from '../data/values.js';
import type { NewSessionTraits } from '../engine/new-record.js';
import type { SessionEngine } from '../engine/session-engine.js';
import type { RefusalReason } from '../engine/session.events.js';
import type { Saved } from '../engine/session-writer.js';
import { noSecretOnSocket } from '../session.problems.js';
import type { SessionValues } from '../session.types.js';
import type { SessionFields, SessionRecord } from '../storage/session-record.js';
import type { SecretRotation, SessionUpdate } from '../storage/session-store.js';
import { matchSecret } from '../token/session-token.js';
import { newHandle } from '../storage/handle.js';
import type { Lifetime } from './lifetime.js';
import type { RequestLock } from './request-lock.js';
import type { Visitor } from './visitor.js';

/** The stored session as this request knows it, and the request's access to the store. */
export class WorkingCopy {
  /** As this request last read or wrote it; null if not stored. Changes are compared with its `data`. */
  record: SessionRecord | null = null;
  /** The secret that opened the session, or the new one. */
  secret: string | null = null;
  /** Whether the client must be sent `secret`. */
  isSecretNew = false;
  match: 'current' | 'former' | null = null;
  /** Whether the store has exactly `record.data` at `record.version`: not after a merge with other changes. */
  #isExact = true;
  #checkedData: object | null = null;
  #handle: string | undefined = undefined;

  constructor(
    private readonly engine: SessionEngine,
    private readonly visitor: Visitor,
    private readonly lifetime: Lifetime,
    private readonly lock: RequestLock,
  ) {}

  /** The handle that a session will have once it is stored. */
  handleToBe(): string {
    return (this.#handle ??= newHandle(this.engine.randomness));
  }

  /** Forgets what was made for a session that has been replaced. */
  startOver(): void {
    this.#handle = undefined;
    this.#checkedData = null;
  }

  /** Takes the record that this request's token has opened. */
  adopt(record: SessionRecord, secret: string, match: 'current' | 'former'): Awaitable<void> {
    this.record = record;
    this.secret = secret;
    this.match = match;
    return this.check();
  }

  /** Checks the data against the schema. Data that does not fit stays stored: an older release may still read it. */
  check(): Awaitable<void> {
    const { schema } = this.engine.options;
    const { record } = this;
    if (!schema || !record) return undefined;
    return whenReady(checkData(schema, record.schemaVersion, parseData(record.data) ?? {}), (check) => {
      if (check.fits) this.#checkedData = check.data;
      else this.#startAfresh(record, check.reason);
    });
  }

  /** The values that the session object starts with. */
  values(): object {
    if (this.record === null) return {};
    if (this.#checkedData !== null) return this.#checkedData;
    const values = parseData(this.record.data);
    if (values === null) this.#startAfresh(this.record, 'the stored data is damaged');
    return values ?? {};
  }

  /** From here on the request has no session. */
  forget(): void {
    this.record = null;
    this.secret = null;
    this.match = null;
    this.isSecretNew = false;
    this.#checkedData = null;
  }

  #startAfresh(record: SessionRecord, detail: string): void {
    this.forget();
    this.emitRefusal('data_invalid', record.handle, detail);
  }

  emitRefusal(reason: RefusalReason, handle: string | null, detail?: string): void {
    const { ip, userAgent } = this.visitor.cause(null);
    this.engine.events.emit('session.refused', { reason, handle, ip, userAgent, detail });
  }

  /** The stored session as it is now; null if it has ended, or was never stored. */
  async stored(): Promise<SessionRecord | null> {
    if (this.record === null) return null;
    const { handle } = this.record;
    return this.engine.ask('read', () => this.engine.storage.store.read(handle));
  }

  /** Reads the stored session again. @returns whether it lives */
  async reload(): Promise<boolean> {
    const record = await this.stored();
    if (record === null) return false;
    this.#isExact = true;
    this.record = record;
    this.#matchAgain(record);
    await this.check();
    return true;
  }

  /** Reads under the lock. Its fence lets the store refuse a former holder's late save. @returns whether it lives */
  async refresh(): Promise<boolean> {
    const record = this.record!;
    const fresh = await this.engine.writer.save(record, { fence: this.lock.fence }, { client: this.visitor.request });
    if (fresh === 'gone') return false;
    this.#isExact = true;
    this.record = { ...record, ...fresh };
    return true;
  }

  /** What has changed in these values since they were read. @throws NotJsonError, TooDeepError */
  draft(values: object): Draft | null {
    return this.record && draftOf(this.record.data, values, this.engine.doctor.examinesRequests);
  }

  async insert(data: string, like: NewSessionTraits = {}): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    const { record, secret } = await this.engine.writer.create({
      ...like,
      ...this.lifetime.traits(like),
      handle,
      data,
      ...this.visitor.newcomer(),
      now: this.engine.clock.now(),
    });
    this.#deliver(record, secret);
  }

  /** Saves the draft and the fields, and remembers what later changes are compared with. */
  write(draft: Draft | null, fields?: SessionFields): Awaitable<'saved' | 'gone'> {
    const record = this.record!;
    const schemaVersion = this.engine.options.schema?.version ?? 0;
    const migrated = draft !== null && record.schemaVersion !== schemaVersion ? { ...fields, schemaVersion } : fields;
    const growth = { client: this.visitor.request, intended: draft?.text };
    return whenReady(this.engine.writer.save(record, this.#update(record, draft, migrated), growth), (saved) => {
      if (saved === 'gone') return 'gone';
      this.#remember(record, draft?.text ?? record.data, saved, migrated);
      return 'saved';
    });
  }

  #update(record: SessionRecord, draft: Draft | null, fields: SessionFields | undefined): SessionUpdate {
    const { fence } = this.lock;
    if (draft === null) return { fields, fence };
    const { changes, text } = draft;
    return {
      fields,
      fence,
      data: changes,
      maxDataBytes: this.engine.options.maxDataBytes,
      whole: this.#isExact ? { version: record.version, data: text } : undefined,
      expected: this.#expected(record, changes),
    };
  }

  /** What must still be in the store, where the option `conflict` says so. */
  #expected(record: SessionRecord, changes: DataChanges): SessionUpdate['expected'] {
    return this.engine.options.conflict === 'reject' ? formerValues(record.data, changes) : undefined;
  }

  #remember(record: SessionRecord, data: string, saved: Exclude<Saved, 'gone'>, fields?: SessionFields): void {
    this.#isExact = saved.data === data;
    this.record = { ...record, ...fields, data, version: saved.version };
  }

  /** Adds to a number in the store, after what this request has set it to. @returns the sum. @throws TypeError */
  async increment(values: SessionValues, key: string, by: number): Promise<number | 'gone'> {
    const record = this.record!;
    const pending = draftOf(pickText(record.data, key), pick(values, [key]));
    const changes = { ...pending?.changes, increment: new Map([[key, by]]) };
    const update: SessionUpdate = {
      fence: this.lock.fence,
      data: changes,
      maxDataBytes: this.engine.options.maxDataBytes,
      expected: this.#expected(record, changes),
    };
    const saved = await this.engine.writer.save(record, update, { client: this.visitor.request });
    if (saved === 'gone') return 'gone';
    const value = parseData(saved.data)![key] as number;
    const base = { ...parseData(record.data), ...Object.fromEntries([[key, value]]) };
    this.#remember(record, JSON.stringify(base), saved);
    return value;
  }

  /** Asks the store, because another request may have renewed the secret since. Null if the session has ended. */
  async isSecretCurrent(): Promise<boolean | null> {
    if (this.match === 'former') return false;
    const record = await this.stored();
    if (record === null) return null;
    this.#matchAgain(record);
    return this.match === 'current';
  }

  /** For a record that was read again: if another request has renewed it, this one came with the former secret. */
  #matchAgain(record: SessionRecord): void {
    const match = this.secret === null ? null : matchSecret(record, this.secret, this.engine.clock.now());
    this.match = match ?? 'former';
  }

  /**
   * The only way to a new secret on the same record. `stale`: another request has renewed it, and its answer carries
   * the secret. A request that came with the former secret never gets a new one: the former may have been stolen.
   * @param grace milliseconds for which the former secret still opens the session
   * @param over the hash to replace, if it is not that of the record
   */
  async renew(grace: number, fields?: SecretRotation['fields'], over?: string): Promise<'renewed' | 'stale' | 'gone'> {
    if (this.visitor.isMute) throw noSecretOnSocket();
    if (over === undefined && this.match !== 'current') return 'stale';
    const record = over === undefined ? this.record! : { ...this.record!, secretHash: over };
    const cause = this.visitor.cause(record.userId);
    const rotated = await this.engine.writer.rotate(record, grace, fields, cause);
    if (rotated === 'gone') return 'gone';
    if (rotated === 'stale') {
      this.match = 'former';
      return 'stale';
    }
    this.#deliver(rotated.record, rotated.secret);
    return 'renewed';
  }

  #deliver(record: SessionRecord, secret: string): void {
    this.#isExact ||= this.record?.handle !== record.handle;
    this.record = record;
    this.secret = secret;
    this.isSecretNew = true;
    this.match = 'current';
  }

  /** @returns a function that restores the present state, for a change that fails halfway */
  keep(): () => void {
    const { record, secret, isSecretNew, match } = this;
    return () => void Object.assign(this, { record, secret, isSecretNew, match });
  }
}
