import { Inject, Injectable } from '@nestjs/common';
import { BadCursorError, Clock, Randomness } from 'nest-gatehouse/common';
import { SessionEvents, SessionStorage } from 'nest-gatehouse/session';
import {
  isHandle,
  toSummary,
  type DataChanges,
  type SessionRecord,
  type SessionUpdate,
} from 'nest-gatehouse/session/storage';
import type { ResolvedSessmanOptions } from '../sessman.options.js';
import { fieldInvalid, sessionNotFound, sessionTooLarge, versionMismatch } from '../sessman.problems.js';
import { SESSMAN_OPTIONS } from '../sessman.tokens.js';
import { SessmanStorage } from '../storage/sessman-storage.js';
import {
  expiry,
  newProgramRecord,
  programUserId,
  programUserOf,
  type ProgramSession,
  type ProgramUser,
} from './program-session.js';

export interface ProgramSessionPage {
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

export interface ProgramSessionList {
  readonly items: readonly ProgramSession[];
  readonly next: string | null;
}

/** A change with the version that it is made for; none: whichever the session has. */
type Change = Pick<SessionUpdate, 'data' | 'replacement' | 'ifVersion'>;

/**
 * The sessions of programs: one API for the REST routes and for code of the application. A session is found by its id
 * within its namespace; any other is as unknown as one that never existed. All methods throw ProblemException 503
 * `store_unavailable` while the store does not answer.
 */
@Injectable()
export class ProgramSessions {
  constructor(
    @Inject(SESSMAN_OPTIONS) private readonly options: ResolvedSessmanOptions,
    private readonly own: SessmanStorage,
    private readonly sessions: SessionStorage,
    private readonly events: SessionEvents,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /**
   * @param data JSON text of one object @param ttl milliseconds; default: the module's
   * @throws 413 `session_too_large`
   */
  async create(owner: ProgramUser, data: string, ttl: number = this.options.ttl): Promise<ProgramSession> {
    const { maxDataBytes } = this.options;
    if (Buffer.byteLength(data) > maxDataBytes) throw sessionTooLarge(maxDataBytes);
    const record = newProgramRecord(owner, { data, ttl, now: this.clock.now() }, this.randomness);
    await this.own.ask('insert', () => this.sessions.store.insert(record));
    this.events.emit('session.created', { handle: record.handle, userId: record.userId });
    return viewOf(record);
  }

  /** Does not count as use. @param user whose it must be, if given. @throws 404 `session_not_found` */
  async get(namespace: string, id: string, user?: string): Promise<ProgramSession> {
    return viewOf(await this.#read(namespace, id, user));
  }

  /** Those of the ids that live in the namespace, in the order of the ids. */
  async getAll(namespace: string, ids: readonly string[]): Promise<ProgramSession[]> {
    const found = await Promise.all(ids.map((id) => this.#find(namespace, id)));
    return found.filter((record) => record !== null).map(viewOf);
  }

  /** Newest first. @throws 400 `cursor_invalid` */
  async list(owner: ProgramUser, page: ProgramSessionPage): Promise<ProgramSessionList> {
    const { index } = this.sessions;
    if (!index) throw new Error('This needs a SessionIndex; provide one beside your SessionStore.');
    const filter = { userId: programUserId(owner) };
    const { items, next } = await this.own
      .ask('find', () => index.find(filter, page))
      .catch((error: unknown) => {
        throw error instanceof BadCursorError ? fieldInvalid('cursor', 'expected the next of the page before') : error;
      });
    const ids = items.map(({ handle }) => handle);
    return { items: await this.getAll(owner.namespace, ids), next };
  }

  /** Replaces all data. @throws 404, 412 `version_mismatch`, 413 `session_too_large` */
  replace(namespace: string, id: string, data: string, ifVersion?: number): Promise<ProgramSession> {
    return this.#change(namespace, id, { replacement: data, ifVersion });
  }

  /**
   * Changes single keys, all of them in one atomic step. @throws 400 `increment_invalid` if a value that is to be
   * incremented is no number; 404, 412, 413
   */
  patch(namespace: string, id: string, changes: DataChanges, ifVersion?: number): Promise<ProgramSession> {
    return this.#change(namespace, id, { data: changes, ifVersion });
  }

  /** Starts the expiry anew. @throws 404, 412 */
  touch(namespace: string, id: string, ifVersion?: number): Promise<ProgramSession> {
    return this.#change(namespace, id, { ifVersion });
  }

  /** @throws 404 `session_not_found` if no live session has this id */
  async end(namespace: string, id: string): Promise<void> {
    const record = await this.#read(namespace, id);
    const { handle, userId } = record;
    const ended = await this.own.ask('delete', () => this.sessions.store.delete(handle));
    if (!ended) throw sessionNotFound();
    this.events.emit('session.ended', { handle, userId, reason: 'logout', session: toSummary(record) });
  }

  /** Every change starts the expiry anew. */
  async #change(namespace: string, id: string, change: Change): Promise<ProgramSession> {
    const { maxDataBytes } = this.options;
    const record = await this.#read(namespace, id);
    const fields = expiry(this.clock.now(), record.idleTimeout, record.createdAt);
    const update = { ...change, fields, maxDataBytes };
    const outcome = await this.own.ask('update', () => this.sessions.store.update(record.handle, update));
    switch (outcome.status) {
      case 'updated':
        return viewOf({ ...record, ...fields, data: outcome.data, version: outcome.version });
      case 'stale':
        throw versionMismatch();
      case 'too_large':
        throw sessionTooLarge(maxDataBytes);
      case 'not_a_number':
        throw fieldInvalid('increment', 'expected keys whose values are numbers, with a finite sum');
      // The last two do not happen: these updates hold no lock, and expect no values.
      case 'gone':
      case 'fenced':
      case 'conflict':
        throw sessionNotFound();
    }
  }

  async #read(namespace: string, id: string, user?: string): Promise<SessionRecord> {
    const record = await this.#find(namespace, id);
    if (record === null) throw sessionNotFound();
    if (user !== undefined && record.userId !== programUserId({ namespace, user })) throw sessionNotFound();
    return record;
  }

  async #find(namespace: string, id: string): Promise<SessionRecord | null> {
    if (!isHandle(id)) return null;
    const record = await this.own.ask('read', () => this.sessions.store.read(id));
    return programUserOf(record?.userId ?? null)?.namespace === namespace ? record : null;
  }
}

function viewOf(record: SessionRecord): ProgramSession {
  const { user } = programUserOf(record.userId)!;
  return { id: record.handle, user, data: record.data, expiresAt: record.expiresAt, version: record.version };
}
