import { type Awaitable, clientOf, whenReady } from 'nest-gatehouse/common';
import type { Draft } from '../data/values.js';
import type { SessionFields, SessionRecord } from '../storage/session-record.js';
import type { NewSession } from '../engine/new-record.js';
import { SessionState } from './session-state.js';
import type { Saved } from '../engine/session-writer.js';

/** What a new record takes from its maker, beside its data. */
export type NewSessionTraits = Pick<
  NewSession,
  'identity' | 'absoluteExpiresAt' | 'persistent' | 'idleTimeout' | 'label'
>;

/** How a request's session reaches the store, and what is remembered of it afterwards. */
export abstract class SessionWrites extends SessionState {
  protected async insert(data: string, like: NewSessionTraits = {}): Promise<void> {
    const { record, secret } = await this.writer.create({
      ...like,
      handle: this.takeHandle(),
      data,
      client: this.request,
      now: this.now(),
      persistent: this.maxAge === undefined ? like.persistent : this.maxAge !== null,
      idleTimeout: this.idleTimeout ?? like.idleTimeout,
      ip: clientOf(this.request).ip,
      userAgent: this.request.headers['user-agent'],
    });
    this.deliver(record, secret);
  }

  protected deliver(record: SessionRecord, secret: string): void {
    this.exact ||= this.record?.handle !== record.handle;
    this.record = record;
    this.secret = secret;
    this.issued = true;
    this.match = 'current';
  }

  /** Writes, and remembers what the values now start from. */
  protected write(record: SessionRecord, draft: Draft | null, fields?: SessionFields): Awaitable<'saved' | 'gone'> {
    const schemaVersion = this.engine.options.schema?.version ?? 0;
    const migrated = draft !== null && record.schemaVersion !== schemaVersion ? { ...fields, schemaVersion } : fields;
    const save = {
      changes: draft && draft.changes,
      text: this.exact ? draft?.text : undefined,
      intended: draft?.text,
      client: this.request,
      fields: migrated,
      fence: this.lease?.fence,
    };
    return whenReady(this.writer.save(record, save), (saved) => {
      if (saved === 'gone') return 'gone';
      this.remember({ ...record, ...migrated }, draft?.text ?? record.data, saved);
      return 'saved';
    });
  }

  protected remember(record: SessionRecord, data: string, saved: Exclude<Saved, 'gone'>): void {
    this.exact = saved.data === data;
    this.record = { ...record, data, version: saved.version };
  }
}
