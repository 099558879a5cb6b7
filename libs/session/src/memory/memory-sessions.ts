import { SESSION_OVERHEAD, type AnonymousUsage } from '../storage/anonymous-sessions.js';
import { Clock, StoreUnavailableError, SystemClock } from 'nest-gatehouse/common';
import type { EndReason } from '../storage/end-reason.js';
import type { EndedSession } from '../storage/session-index.js';
import { toSummary, type SessionRecord } from '../storage/session-record.js';
import { ExpiryCalendar } from './expiry-calendar.js';
import { resolveMemoryStorageOptions, type MemoryStorageOptions } from './memory.options.js';
import { RecencyList, type SessionNode } from './recency-list.js';

// Object, hashes, times, the entry in the map: what a session takes beside its strings of variable length.
const FIXED_BYTES = 512;

/**
 * The sessions of one process, shared by `MemorySessionStore` and `MemorySessionIndex`. Bounded in number and size: to
 * make room, the anonymous session used longest ago ends first; a signed-in session ends only for another signed-in
 * one.
 */
export class MemorySessions {
  readonly #maxSessions: number;
  readonly #maxBytes: number;
  readonly #nodes = new Map<string, SessionNode>();
  readonly #anonymous = new RecencyList();
  readonly #signedIn = new RecencyList();
  readonly #handlesByUser = new Map<string, Set<string>>();
  readonly #epochs = new Map<string, number>();
  /** Why the epochs were raised. */
  readonly #reasons = new Map<string, EndReason>();
  readonly #calendar = new ExpiryCalendar();
  readonly #listeners: ((ended: EndedSession) => void)[] = [];
  #bytes = 0;

  /** @throws OptionsError */
  constructor(
    options: MemoryStorageOptions = {},
    private readonly clock: Clock = new SystemClock(),
  ) {
    const { maxSessions, maxBytes } = resolveMemoryStorageOptions(options);
    this.#maxSessions = maxSessions;
    this.#maxBytes = maxBytes;
  }

  onEvicted(listener: (ended: EndedSession) => void): void {
    this.#listeners.push(listener);
  }

  has(handle: string): boolean {
    return this.#nodes.has(handle);
  }

  /** The session if it is live; it counts as used. */
  live(handle: string): SessionRecord | undefined {
    const node = this.#nodes.get(handle);
    if (!node || !this.isLive(node.record, this.clock.now())) return undefined;
    this.#listOf(node.record).use(node);
    return node.record;
  }

  /** The session, live or not. Does not count as use. */
  peek(handle: string): SessionRecord | undefined {
    return this.#nodes.get(handle)?.record;
  }

  isLive(record: SessionRecord, now: number): boolean {
    return record.expiresAt > now && !this.#isRevoked(record);
  }

  now(): number {
    return this.clock.now();
  }

  /** @throws StoreUnavailableError if there is no room that this session may take */
  add(record: SessionRecord): void {
    const size = sizeOf(record);
    this.#makeRoom(1, size.bytes, record.userId !== null);
    this.#link(record, size);
    this.#calendar.note(record.handle, this.#isRevoked(record) ? this.clock.now() : record.expiresAt);
    if (this.#calendar.isStale(this.#nodes.size)) this.#refillCalendar();
  }

  /** @throws StoreUnavailableError if there is no room that this session may take; the former record stays */
  replace(former: SessionRecord, record: SessionRecord): void {
    const node = this.#nodes.get(former.handle)!;
    const sameText = record.data === former.data && record.label === former.label && record.userId === former.userId;
    const { bytes, dataBytes } = sameText ? node : sizeOf(record);
    if (bytes > node.bytes) this.#makeRoom(0, bytes - node.bytes, record.userId !== null, node);
    if (record.userId === former.userId) {
      node.record = record;
      this.#bytes += bytes - node.bytes;
      this.#listOf(record).dataBytes += dataBytes - node.dataBytes;
      node.bytes = bytes;
      node.dataBytes = dataBytes;
    } else {
      this.remove(former.handle);
      this.#link(record, { bytes, dataBytes });
    }
    this.#calendar.noteChange(record.handle, former.expiresAt, record.expiresAt);
  }

  remove(handle: string): void {
    const node = this.#nodes.get(handle);
    if (!node) return;
    const { userId } = node.record;
    this.#nodes.delete(handle);
    this.#listOf(node.record).remove(node);
    this.#bytes -= node.bytes;
    if (userId === null) return;
    const handles = this.#handlesByUser.get(userId);
    handles?.delete(handle);
    if (handles?.size === 0) this.#handlesByUser.delete(userId);
  }

  /** All records, or those of one user, or the anonymous ones (`null`), live or not. Does not count as use. */
  forEach(userId: string | null | undefined, visit: (record: SessionRecord) => void): void {
    if (typeof userId === 'string') {
      this.#handlesByUser.get(userId)?.forEach((handle) => visit(this.#nodes.get(handle)!.record));
      return;
    }
    for (let node = this.#anonymous.oldest; node; node = node.newer) visit(node.record);
    if (userId === null) return;
    for (let node = this.#signedIn.oldest; node; node = node.newer) visit(node.record);
  }

  /** Removes and returns at most `limit` expired or revoked records. */
  takeExpired(limit: number): SessionRecord[] {
    const now = this.clock.now();
    const expired = this.#calendar.takeExpired(now, limit, (handle) => {
      const record = this.#nodes.get(handle)?.record;
      if (!record) return null;
      return this.#isRevoked(record) ? now : record.expiresAt;
    });
    // A session may be noted twice.
    return [...new Set(expired)].map((handle) => {
      const { record } = this.#nodes.get(handle)!;
      this.remove(handle);
      return record;
    });
  }

  /**
   * Removes and returns at most `limit` anonymous records, the one used longest ago first, until the others are within
   * `bounds`.
   */
  takeOldestAnonymous(bounds: AnonymousUsage, limit: number): SessionRecord[] {
    const list = this.#anonymous;
    const taken: SessionRecord[] = [];
    while (taken.length < limit && list.length > 1) {
      const bytes = list.dataBytes + list.length * SESSION_OVERHEAD;
      if (list.length <= bounds.sessions && bytes <= bounds.bytes) break;
      const { record } = list.oldest!;
      this.remove(record.handle);
      taken.push(record);
    }
    return taken;
  }

  /** Removes and returns at most `limit` records that the user's epoch has revoked. */
  takeRevoked(userId: string, limit: number): SessionRecord[] {
    const revoked: SessionRecord[] = [];
    this.forEach(userId, (record) => {
      if (revoked.length < limit && this.#isRevoked(record)) revoked.push(record);
    });
    for (const { handle } of revoked) this.remove(handle);
    return revoked;
  }

  epoch(userId: string): number {
    return this.#epochs.get(userId) ?? 0;
  }

  raiseEpoch(userId: string, epoch: number, reason?: EndReason): void {
    this.#epochs.set(userId, epoch);
    if (reason === undefined) this.#reasons.delete(userId);
    else this.#reasons.set(userId, reason);
    const now = this.clock.now();
    this.forEach(userId, (record) => this.#isRevoked(record) && this.#calendar.note(record.handle, now));
  }

  /** Whether nothing of the user is left. */
  forgetUser(userId: string): boolean {
    if (this.#handlesByUser.has(userId)) return false;
    this.#epochs.delete(userId);
    this.#reasons.delete(userId);
    return true;
  }

  revokedBecause(record: SessionRecord): EndReason | undefined {
    return this.#isRevoked(record) ? this.#reasons.get(record.userId!) : undefined;
  }

  #isRevoked(record: SessionRecord): boolean {
    return record.userId !== null && record.userEpoch < (this.#epochs.get(record.userId) ?? 0);
  }

  #listOf(record: SessionRecord): RecencyList {
    return record.userId === null ? this.#anonymous : this.#signedIn;
  }

  #link(record: SessionRecord, { bytes, dataBytes }: Size): void {
    const node: SessionNode = { record, bytes, dataBytes, older: null, newer: null };
    this.#nodes.set(record.handle, node);
    this.#listOf(record).append(node);
    this.#bytes += bytes;
    if (record.userId === null) return;
    const handles = this.#handlesByUser.get(record.userId);
    if (handles) handles.add(record.handle);
    else this.#handlesByUser.set(record.userId, new Set([record.handle]));
  }

  #makeRoom(sessions: number, bytes: number, forSignedIn: boolean, keep?: SessionNode): void {
    while (this.#nodes.size + sessions > this.#maxSessions || this.#bytes + bytes > this.#maxBytes) {
      const victim = oldestBut(this.#anonymous, keep) ?? (forSignedIn ? oldestBut(this.#signedIn, keep) : null);
      if (!victim) {
        throw new StoreUnavailableError(
          'full',
          'The memory store is full of signed-in sessions, which do not make room for this one; raise maxSessions or maxBytes.',
        );
      }
      const ended = toSummary(victim.record);
      this.remove(ended.handle);
      for (const listener of this.#listeners) listener(ended);
    }
  }

  #refillCalendar(): void {
    this.#calendar.clear();
    this.forEach(undefined, (record) => {
      this.#calendar.note(record.handle, this.#isRevoked(record) ? this.clock.now() : record.expiresAt);
    });
  }
}

function oldestBut(list: RecencyList, keep: SessionNode | undefined): SessionNode | null {
  return list.oldest === keep ? (keep?.newer ?? null) : list.oldest;
}

type Size = Pick<SessionNode, 'bytes' | 'dataBytes'>;

function sizeOf(record: SessionRecord): Size {
  const dataBytes = Buffer.byteLength(record.data);
  let bytes = FIXED_BYTES + dataBytes;
  if (record.userId !== null) bytes += record.userId.length;
  if (record.username !== null) bytes += record.username.length;
  if (record.userAgent !== null) bytes += record.userAgent.length;
  if (record.label !== null) bytes += record.label.length;
  return { bytes, dataBytes };
}
