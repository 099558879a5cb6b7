import { Injectable } from '@nestjs/common';
import type { Awaitable } from 'nest-gatehouse/common';
import { endOf, sweptReason } from '../engine/end-reason.js';
import { lockTimeout } from '../session.problems.js';
import { RequestSession } from '../request/request-session.js';
import type { PlatformRequest } from '../request/visitor.js';
import { defineSessionAccessors, LIFE, type SessionBearer } from '../request/request-slot.js';
import { parseData, serializeData } from '../data/values.js';
import { SessionEngine } from '../engine/session-engine.js';
import type { EndReason, SessionCause } from '../engine/session.events.js';
import type { EndedSession, SessionFilter, SessionIndex, SessionPage } from '../storage/session-index.js';
import { toInfo, type SessionInfo } from '../request/session-info.js';
import { refuseControls } from '../request/session-object.js';
import type { Session, SessionValues } from '../session.types.js';
import { formatToken } from '../token/session-token.js';
import { networkRange } from '../storage/address-key.js';
import { isHandle } from '../storage/handle.js';
import { UserSweepIndex } from '../storage/user-sweep-index.js';

export interface CreateSessionOptions {
  /** Default: none. */
  readonly data?: object;
  /** The account's canonical username, by which lists find the session. Default: unknown. */
  readonly username?: string;
  /** Milliseconds; default: the module's `idleTimeout`. */
  readonly idleTimeout?: number;
  /** Default: the module's `cookie.persistent`. */
  readonly persistent?: boolean;
  /** How the user proved who they are (RFC 8176); sets `authTime` to now. Default: unknown. */
  readonly amr?: readonly string[];
  readonly aal?: number;
  readonly ip?: string;
  readonly userAgent?: string;
  readonly label?: string;
}

/** A stored session with its values. */
export interface SessionSnapshot extends SessionInfo {
  readonly data: SessionValues;
}

export interface SessionInfoList {
  readonly items: readonly SessionInfo[];
  readonly next: string | null;
}

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
  async end(handle: string, reason: EndReason = 'revoked', cause?: SessionCause): Promise<boolean> {
    if (!isHandle(handle)) return false;
    const record = await this.engine.ask('read', () => this.engine.storage.store.read(handle));
    return record !== null && this.engine.writer.end(record, reason, cause);
  }

  /** Ends the user's other sessions. @returns how many. */
  endOthers(userId: string, keep: string): Promise<number> {
    return this.endAll({ userId }, keep);
  }

  /**
   * Ends all of the user's sessions at once, by the user's epoch: one write, however many there are. The next sweep
   * removes their records and emits the end of each. @returns how many there were.
   */
  async endAllOfUser(userId: string): Promise<number> {
    const index = this.#index();
    const count = await this.count({ userId });
    await this.engine.ask('raiseUserEpoch', () => index.raiseUserEpoch(userId));
    return count;
  }

  /** Ends every session that matches, in batches. @param cause as of `end` @returns how many. */
  async endAll(filter: SessionFilter, except?: string, cause?: SessionCause): Promise<number> {
    const index = this.#index(filter);
    return this.#endInBatches(
      () => this.engine.ask('end', () => index.end(filter, BATCH, except)),
      () => 'revoked',
      cause,
    );
  }

  /**
   * Removes what the user's epoch has ended and emits the end of each now, instead of in the next sweep. If the index
   * is no `UserSweepIndex`, the next sweep does it. @returns how many were removed.
   */
  async sweepUser(userId: string, cause?: SessionCause): Promise<number> {
    const { index } = this.engine.storage;
    if (!(index instanceof UserSweepIndex)) return 0;
    return this.#endInBatches(
      () => this.engine.ask('sweepUser', () => index.sweepUser(userId, BATCH)),
      (ended) => sweptReason(ended, this.engine.clock.now()),
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

  async userEpoch(userId: string): Promise<number> {
    const { index } = this.engine.storage;
    return index ? this.engine.ask('userEpoch', () => index.userEpoch(userId)) : 0;
  }

  /** Revokes the user's sessions of a lower epoch. Never lowers the epoch. @returns the user's epoch. */
  async setUserEpoch(userId: string, epoch: number): Promise<number> {
    if (!Number.isSafeInteger(epoch) || epoch < 0) throw new RangeError('epoch: expected a whole number, 0 or more.');
    const index = this.#index();
    return this.engine.ask('raiseUserEpoch', () => index.raiseUserEpoch(userId, epoch));
  }

  /**
   * As `setUserEpoch`, to one higher than it is. A caller that gets the epoch it expected knows that nobody else has
   * raised it in between.
   */
  async raiseUserEpoch(userId: string): Promise<number> {
    const index = this.#index();
    return this.engine.ask('raiseUserEpoch', () => index.raiseUserEpoch(userId));
  }

  /**
   * Runs `work` while no process on the storage runs other work under this name: for what must be exact across
   * sessions, such as how many a user has. @param wait in milliseconds, how long to wait for the present holder; 0 asks
   * once. Default: the module's `lockWait`. @throws 503 `lock_timeout`
   */
  async exclusively<T>(name: string, work: () => Promise<T>, wait: number = this.engine.options.lockWait): Promise<T> {
    const { locks } = this.engine.storage;
    const { lockLease, storeDeadline } = this.engine.options;
    const acquire = () => locks.acquire(name, { wait, lease: lockLease });
    const lease = await this.engine.ask('lock', acquire, wait + storeDeadline);
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
