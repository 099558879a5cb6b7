import { Injectable } from '@nestjs/common';
import type { Awaitable } from 'nest-gatehouse/common';
import { endOf, sweptReason } from '../engine/end-reason.js';
import { lockTimeout } from '../session.problems.js';
import { RequestSession } from '../request/request-session.js';
import type { PlatformRequest } from '../request/visitor.js';
import { defineSessionAccessors, LIFE, type SessionBearer } from '../request/request-slot.js';
import { parseData, serializeData } from '../data/values.js';
import { SessionEngine } from '../engine/session-engine.js';
import type { SessionCause } from '../engine/session.events.js';
import type { EndReason } from '../storage/end-reason.js';
import type { EndedSession, SessionFilter, SessionIndex, SessionPage } from '../storage/session-index.js';
import { toInfo, type SessionInfo } from '../request/session-info.js';
import { refuseControls } from '../request/session-object.js';
import type { Session } from '../session.types.js';
import type { CreateSessionOptions, EndAllOptions, SessionInfoList, SessionSnapshot } from './session.service.types.js';
import { formatToken } from '../token/session-token.js';
import { networkRange } from '../storage/address-key.js';
import { isHandle } from '../storage/handle.js';
import { UserSweepIndex } from '../storage/user-sweep-index.js';

const BATCH = 200;

/**
 * Sessions outside a request: for administration, jobs and other programs. Every method but `create` takes handles,
 * never tokens. All throw ProblemException 503 `store_unavailable` while the store does not answer.
 */
@Injectable()
export class SessionService {
  constructor(private readonly engine: SessionEngine) {}

  /**
   * A session for this user, under the user's current epoch. @returns the token too, which cannot be read again.
   * @throws 413
   */
  async createForUser(
    userId: string,
    options: CreateSessionOptions = {},
  ): Promise<{ session: SessionInfo; token: string }> {
    const { data = {}, username = null, amr = [], aal = null, ...rest } = options;
    refuseControls(Object.keys(data));
    const userEpoch = await this.userEpoch(userId);
    const now = this.engine.clock.now();
    const identity = { userId, username, userEpoch, authTime: amr.length > 0 ? now : null, amr, aal };
    const { record, secret } = await this.engine.writer.create({ ...rest, data: serializeData(data), now, identity });
    return { session: toInfo(record), token: formatToken({ handle: record.handle, secret }) };
  }

  /** Null if no live session has this handle. Does not count as use. */
  async read(handle: string): Promise<SessionSnapshot | null> {
    if (!isHandle(handle)) return null;
    const record = await this.engine.ask('read', () => this.engine.storage.store.read(handle));
    return record && { ...toInfo(record), data: parseData(record.data) ?? {} };
  }

  /** In pages, newest first unless the page says otherwise. @throws BadCursorError, RangeError for a `network` that is none */
  async find(filter: SessionFilter, page: SessionPage = { limit: 50 }): Promise<SessionInfoList> {
    const index = this.#index(filter);
    const list = await this.engine.ask('find', () => index.find(filter, page));
    return { items: list.items.map(toInfo), next: list.next };
  }

  findByUser(userId: string, page?: SessionPage): Promise<SessionInfoList> {
    return this.find({ userId }, page);
  }

  async count(filter: SessionFilter = {}): Promise<number> {
    const index = this.#index(filter);
    return this.engine.ask('count', () => index.count(filter));
  }

  /**
   * Whether this call ended a live session. Durable once answered. @param cause who asked for it, for the event;
   * default: no request
   */
  async end(handle: string, reason: EndReason = 'administrator', cause?: SessionCause): Promise<boolean> {
    if (!isHandle(handle)) return false;
    const record = await this.engine.ask('read', () => this.engine.storage.store.read(handle));
    return record !== null && this.engine.writer.end(record, reason, cause);
  }

  /** Ends the user's other sessions, as `logout_elsewhere`. @returns how many. */
  endOthers(userId: string, keep: string): Promise<number> {
    return this.endAll({ userId }, { except: keep, reason: 'logout_elsewhere' });
  }

  /**
   * Ends all of the user's sessions at once, by the user's epoch: one write, however many there are. The next sweep
   * removes their records and emits the end of each. @returns how many there were.
   */
  async endAllOfUser(userId: string, reason: EndReason = 'administrator'): Promise<number> {
    const index = this.#index();
    const count = await this.count({ userId });
    await this.engine.ask('raiseUserEpoch', () => index.raiseUserEpoch(userId, undefined, reason));
    return count;
  }

  /** Ends every session that matches, in batches. @returns how many. */
  async endAll(filter: SessionFilter, options: EndAllOptions = {}): Promise<number> {
    const { except, reason = 'administrator', cause } = options;
    const index = this.#index(filter);
    return this.#endInBatches(
      () => this.engine.ask('end', () => index.end(filter, BATCH, except)),
      () => reason,
      cause,
    );
  }

  /**
   * Ends those of these sessions that still match, in one step for each, and emits their ends. @returns them. Note the
   * handles before: where the store fails, some may have ended, and nobody else tells of them.
   * @throws Error if the index is no `UserSweepIndex` @throws 503 `store_unavailable`
   */
  async endAmong(
    handles: readonly string[],
    filter: SessionFilter,
    { reason = 'administrator', cause }: Omit<EndAllOptions, 'except'> = {},
  ): Promise<readonly EndedSession[]> {
    const { index } = this.engine.storage;
    if (!(index instanceof UserSweepIndex)) throw new Error('This needs a UserSweepIndex as the SessionIndex.');
    const ended = await this.engine.ask('end', () => index.endAmong(handles, filter));
    for (const each of ended) this.engine.events.emit('session.ended', endOf(each, reason, cause));
    return ended;
  }

  /**
   * Moves the idle end of a live session as far as a use of it would, and never past the absolute end. It does not count
   * as use. Null if no live session has this handle.
   */
  async extend(handle: string): Promise<SessionSnapshot | null> {
    const { store } = this.engine.storage;
    const record = isHandle(handle) ? await this.engine.ask('read', () => store.read(handle)) : null;
    if (!record) return null;
    const idleExpiresAt = Math.min(this.engine.clock.now() + record.idleTimeout, record.absoluteExpiresAt);
    const fields = { idleExpiresAt, expiresAt: idleExpiresAt };
    const outcome = await this.engine.ask('update', () => store.update(handle, { fields }));
    return outcome.status === 'updated' ? this.read(handle) : null;
  }

  /**
   * Removes what the user's epoch has ended and emits the end of each now, instead of in the next sweep. If the index
   * is no `UserSweepIndex`, the next sweep does it. @param reason of those whose own end had not come
   * @returns how many were removed.
   */
  async sweepUser(userId: string, reason: EndReason = 'administrator', cause?: SessionCause): Promise<number> {
    const { index } = this.engine.storage;
    if (!(index instanceof UserSweepIndex)) return 0;
    return this.#endInBatches(
      () => this.engine.ask('sweepUser', () => index.sweepUser(userId, BATCH)),
      (ended) => sweptReason(ended, this.engine.clock.now(), reason),
      cause,
    );
  }

  async #endInBatches(
    remove: () => Awaitable<readonly EndedSession[]>,
    reasonOf: (ended: EndedSession) => EndReason,
    cause: SessionCause | undefined,
  ): Promise<number> {
    let count = 0;
    let batch: readonly EndedSession[];
    do {
      batch = await remove();
      for (const ended of batch) this.engine.events.emit('session.ended', endOf(ended, reasonOf(ended), cause));
      count += batch.length;
    } while (batch.length > 0);
    return count;
  }

  /**
   * Forgets the epoch of a user who has no session any more, so that nothing of the user is left in the store. Sessions
   * that are revoked by the epoch are removed before. @returns whether nothing is left; false if the user has a live session
   */
  async forgetUser(userId: string): Promise<boolean> {
    const { index } = this.engine.storage;
    if (!(index instanceof UserSweepIndex)) return false;
    await this.sweepUser(userId);
    return this.engine.ask('forgetUser', () => index.forgetUser(userId));
  }

  async userEpoch(userId: string): Promise<number> {
    const { index } = this.engine.storage;
    return index ? this.engine.ask('userEpoch', () => index.userEpoch(userId)) : 0;
  }

  /** Revokes the user's sessions of a lower epoch. Never lowers the epoch. @returns the user's epoch. */
  async setUserEpoch(userId: string, epoch: number, reason?: EndReason): Promise<number> {
    if (!Number.isSafeInteger(epoch) || epoch < 0) throw new RangeError('epoch: expected a whole number, 0 or more.');
    const index = this.#index();
    return this.engine.ask('raiseUserEpoch', () => index.raiseUserEpoch(userId, epoch, reason));
  }

  /**
   * As `setUserEpoch`, to one higher than it is. A caller that gets the epoch it expected knows that nobody else has
   * raised it in between.
   */
  async raiseUserEpoch(userId: string, reason?: EndReason): Promise<number> {
    const index = this.#index();
    return this.engine.ask('raiseUserEpoch', () => index.raiseUserEpoch(userId, undefined, reason));
  }

  /**
   * Runs `work` while no process on the storage runs other work under this name: for what must be exact across
   * sessions, such as how many a user has. @param wait in milliseconds, how long to wait for the present holder; 0 asks
   * once. Default: the module's `lockWait`. @throws 503 `lock_timeout`
   */
  async exclusively<T>(name: string, work: () => Promise<T>, wait: number = this.engine.options.lockWait): Promise<T> {
    const { locks } = this.engine.storage;
    const lease = await this.engine.lock(name, wait);
    if (lease === null) throw lockTimeout();
    try {
      return await work();
    } finally {
      const release = async () => this.engine.ask('unlock', () => locks.release(lease));
      await release().catch((error: unknown) =>
        this.engine.warn('A lock could not be released and will end by itself', error),
      );
    }
  }

  /**
   * Opens the session of a request that does not pass the HTTP platform, such as a socket's handshake, and puts it on
   * that request.
   * @returns undefined if it has no live session. @throws 503 `store_unavailable`
   */
  async openFor(request: PlatformRequest & SessionBearer): Promise<Session | undefined> {
    const life = new RequestSession(this.engine, request);
    await life.open();
    defineSessionAccessors(request);
    request[LIFE] = life;
    const { session } = life;
    return life.record === null ? undefined : session;
  }

  /** @param filter to be checked first, because what a store throws is answered as its failure */
  #index({ network }: SessionFilter = {}): SessionIndex {
    const { index } = this.engine.storage;
    if (network !== undefined) networkRange(network);
    if (!index) throw new Error('This needs a SessionIndex; provide one beside your SessionStore.');
    return index;
  }
}
