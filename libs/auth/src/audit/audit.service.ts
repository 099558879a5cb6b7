import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { BadCursorError, clientAddress, clientNetwork, Clock, Randomness } from 'nest-gatehouse/common';
import { AuditCaps, type AuditSource } from './audit-caps.js';
import { AuditLine } from './audit-line.js';
import type { AuditEntry, AuditFilter, AuditList, AuditPage, AuditType } from '../storage/audit-log.js';
import { AUDIT_POLICIES, countedUser } from './audit-policy.js';
import { AuthEvents } from './auth.events.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { LeftOut } from './left-out.js';
import { shortText, visibleText } from './visible-text.js';

/** The known fields of an entry; the others become null. */
export type AuditNote = Partial<Omit<AuditEntry, 'id' | 'at' | 'type'>>;

const MAX_CODE_POINTS = 128;
const TEXT_LENGTH = 512;
const ADDRESS_LENGTH = 64;
const RANDOM_BYTES = 8;
const SECOND = 1_000;
const MINUTE = 60_000;

/**
 * Writes the audit trail: to the store, as an event, and as one log line without the typed username. A failing store
 * never changes the answer to a request, because what happened cannot be undone, and the log line keeps it (OWASP ASVS
 * 5.0, 16.2, 16.3, 16.4). What clients can cause at will is capped, see `AuditPolicy`; what was left out is summed up
 * as `entries.left_out` at the end of the minute.
 */
@Injectable()
export class AuditService implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #logger = new Logger('Audit');
  readonly #pending = new Set<Promise<void>>();
  readonly #caps = new AuditCaps();
  readonly #leftOut = new LeftOut();
  #batch: AuditEntry[] = [];
  #appending: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #minute = 0;
  #lastAt = 0;
  #sequence = 0;

  constructor(
    private readonly storage: AuthStorage,
    private readonly events: AuthEvents,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /** Never rejects. */
  async record(type: AuditType, note: AuditNote = {}): Promise<void> {
    this.events.counted(type);
    const summed = this.#endOfMinute();
    if (this.#admits(type, note)) await Promise.all([summed, this.#write(type, note)]);
    else await summed;
  }

  /** Newest first, in pages. @throws BadCursorError, 503 `store_unavailable` */
  find(filter: AuditFilter = {}, page: AuditPage = { limit: 50 }): Promise<AuditList> {
    return this.storage.ask('audit.find', () => this.storage.audit.find(filter, page), BadCursorError);
  }

  count(filter: AuditFilter): Promise<number> {
    return this.storage.ask('audit.count', () => this.storage.audit.count(filter));
  }

  /** Resolves once everything that was recorded so far is in the store, or has failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** While every store is still open, whatever the order in which the application's modules are shut down. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#sumUp();
    await this.settled();
  }

  /** Once more, for the requests that were still under way. */
  async onApplicationShutdown(): Promise<void> {
    await this.beforeApplicationShutdown();
  }

  #admits(type: AuditType, note: AuditNote): boolean {
    const policy = AUDIT_POLICIES[type];
    if (policy === null || isByAnother(type, note)) return true;
    const kind = { type, detail: policy.byDetail ? safeText(note.detail, TEXT_LENGTH) : null };
    const source: AuditSource = { user: countedUser(type, note), network: clientNetwork(note.ip) };
    if (this.#caps.admits(kind, policy, source)) return true;
    this.#leftOut.add(kind, source);
    // Checks every second, because the minutes are those of the application's clock, not of the timer.
    this.#timer ??= setInterval(() => void this.#endOfMinute(), SECOND).unref();
    return false;
  }

  async #endOfMinute(): Promise<void> {
    const minute = Math.floor(this.clock.now() / MINUTE);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#caps.clear();
    await this.#sumUp();
  }

  async #sumUp(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.all(this.#leftOut.take().map((summary) => this.#write('entries.left_out', summary)));
  }

  #write(type: AuditType, note: AuditNote): Promise<void> {
    const entry = this.#entry(type, this.clock.now(), note);
    if (type === 'entries.left_out') this.#logger.warn(new AuditLine(entry));
    else this.#logger.log(new AuditLine(entry));
    const work = this.#append(entry).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
    return work;
  }

  async #append(entry: AuditEntry): Promise<void> {
    this.#batch.push(entry);
    // What one turn of the event loop records is one call to the store: an end of many sessions records as many entries.
    this.#appending ??= Promise.resolve().then(() => this.#appendBatch());
    try {
      await this.#appending;
    } catch {
      this.#logger.error(`The entry ${entry.id} could not be stored; the line before is all there is of it.`);
    }
    this.events.emit(entry);
  }

  async #appendBatch(): Promise<void> {
    const entries = this.#batch;
    this.#batch = [];
    this.#appending = undefined;
    const { audit } = this.storage;
    const [only] = entries;
    const append = () => (entries.length === 1 ? audit.append(only!) : audit.appendAll(entries));
    await this.storage.ask('audit.append', append);
  }

  #entry(type: AuditType, at: number, note: AuditNote): AuditEntry {
    return Object.freeze({
      id: this.#nextId(at),
      at,
      type,
      actorId: note.actorId ?? null,
      userId: note.userId ?? null,
      username: note.username == null ? null : [...note.username].slice(0, MAX_CODE_POINTS).join(''),
      handle: note.handle ?? null,
      ip: clientAddress(note.ip) ?? safeText(note.ip, ADDRESS_LENGTH),
      userAgent: safeText(note.userAgent, TEXT_LENGTH),
      detail: safeText(note.detail, TEXT_LENGTH),
      session: note.session ?? null,
    });
  }

  /** Time, then a sequence number within the millisecond, then randomness: entries of one process keep their order. */
  #nextId(at: number): string {
    this.#sequence = at === this.#lastAt ? this.#sequence + 1 : 0;
    this.#lastAt = at;
    const time = at.toString(16).padStart(12, '0');
    const sequence = this.#sequence.toString(16).padStart(6, '0');
    return time + sequence + this.randomness.bytes(RANDOM_BYTES).toString('hex');
  }
}

/** An administrator may end as many sessions as there are: each of them is on record. */
function isByAnother(type: AuditType, { actorId, userId }: AuditNote): boolean {
  return type === 'session.ended' && actorId != null && actorId !== userId;
}

/** Text that clients and proxies choose: shortened, with invisible characters escaped. */
function safeText(text: string | null | undefined, length: number): string | null {
  return text == null ? null : visibleText(shortText(text, length));
}
