import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { BadCursorError, clientAddress, Clock, Randomness } from 'nest-gatehouse/session';
import type { AuditEntry, AuditFilter, AuditList, AuditPage, AuditType } from './audit-log.js';
import { AuthEvents } from './auth.events.js';
import { AuthStorage } from './auth-storage.js';

/** What its author knows of an entry; the rest is null. */
export type AuditNote = Partial<Omit<AuditEntry, 'id' | 'at' | 'type'>>;

const MOST_CODE_POINTS = 128;
const AGENT_LENGTH = 512;
const CHANCE_BYTES = 8;
const MINUTE = 60_000;
/** What a client can cause without a password: written down at most this often a minute, so that nobody fills the log. */
const CAPPED: ReadonlySet<AuditType> = new Set(['login.throttled', 'session.refused']);
const CAP = 300;

/**
 * Writes the audit trail: to the store, as an event, and as one structured log line without the typed username. A store that fails never
 * changes the answer to a request: what happened has happened, and the log line keeps it (OWASP ASVS 5.0, 16.2, 16.3, 16.4).
 */
@Injectable()
export class AuditService implements OnApplicationShutdown {
  readonly #logger = new Logger('Audit');
  readonly #pending = new Set<Promise<void>>();
  #lastAt = 0;
  #sequence = 0;
  #cap = { minute: 0, written: 0 };

  constructor(
    private readonly storage: AuthStorage,
    private readonly events: AuthEvents,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /** Never rejects. */
  record(type: AuditType, note: AuditNote = {}): Promise<void> {
    const at = this.clock.now();
    if (CAPPED.has(type) && !this.#hasRoom(at)) return Promise.resolve();
    const entry = this.#entry(type, at, note);
    const { username, ...told } = entry;
    this.#logger.log({ ...told, at: new Date(at).toISOString() });
    const work = this.#append(entry).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
    return work;
  }

  /** Newest first, in pages. @throws BadCursorError, 503 `store_unavailable` */
  find(filter: AuditFilter = {}, page: AuditPage = { limit: 50 }): Promise<AuditList> {
    return this.storage.ask('audit.find', () => this.storage.audit.find(filter, page), BadCursorError);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #append(entry: AuditEntry): Promise<void> {
    try {
      await this.storage.ask('audit.append', () => this.storage.audit.append(entry));
    } catch {
      this.#logger.error(`The entry ${entry.id} could not be stored; the line before is all there is of it.`);
    }
    this.events.emit(entry);
  }

  #entry(type: AuditType, at: number, note: AuditNote): AuditEntry {
    return Object.freeze({
      id: this.#nextId(at),
      at,
      type,
      actorId: note.actorId ?? null,
      userId: note.userId ?? null,
      username: note.username == null ? null : [...note.username].slice(0, MOST_CODE_POINTS).join(''),
      handle: note.handle ?? null,
      ip: clientAddress(note.ip) ?? note.ip ?? null,
      userAgent: note.userAgent?.slice(0, AGENT_LENGTH) ?? null,
      detail: note.detail ?? null,
    });
  }

  /** Time, then a number within the millisecond, then chance: entries of one process keep their order. */
  #nextId(at: number): string {
    this.#sequence = at === this.#lastAt ? this.#sequence + 1 : 0;
    this.#lastAt = at;
    const time = at.toString(16).padStart(12, '0');
    const sequence = this.#sequence.toString(16).padStart(6, '0');
    return time + sequence + this.randomness.bytes(CHANCE_BYTES).toString('hex');
  }

  #hasRoom(at: number): boolean {
    const minute = Math.floor(at / MINUTE);
    if (this.#cap.minute !== minute) this.#cap = { minute, written: 0 };
    this.#cap.written++;
    if (this.#cap.written === CAP + 1)
      this.#logger.warn(`More than ${CAP} refused attempts in a minute; the rest of this minute is not written down.`);
    return this.#cap.written <= CAP;
  }
}
