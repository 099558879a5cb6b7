import { LRUCache } from 'lru-cache';
import { Clock, SystemClock } from '../clock.js';
import type { EndedSession } from '../session-index.js';
import type { SessionRecord } from '../session-record.js';
import { StoreUnavailableError } from '../store-errors.js';
import { resolveMemoryStorageOptions, type MemoryStorageOptions } from './memory.options.js';

type Records = LRUCache<string, SessionRecord>;

// Object, hashes, times, the entry in the map: what a session takes beside its texts of variable length.
const FIXED_BYTES = 512;

/**
 * The sessions of one process, as `MemorySessionStore` and `MemorySessionIndex` share them. Bounded by number and size: to
 * make room, the anonymous session used longest ago ends first, and a signed-in one only for another signed-in one.
 */
export class MemorySessions {
  readonly #maxSessions: number;
  readonly #maxBytes: number;
  readonly #anonymous: Records;
  readonly #signedIn: Records;
  readonly #handlesByUser = new Map<string, Set<string>>();
  readonly #epochs = new Map<string, number>();
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
    this.#anonymous = new LRUCache({ max: maxSessions });
    this.#signedIn = new LRUCache({ max: maxSessions });
  }

  get size(): number {
    return this.#anonymous.size + this.#signedIn.size;
  }

  onEvicted(listener: (ended: EndedSession) => void): void {
    this.#listeners.push(listener);
  }

  has(handle: string): boolean {
    return this.#anonymous.has(handle) || this.#signedIn.has(handle);
  }

  /** The session if it is live; it counts as used. */
  live(handle: string): SessionRecord | undefined {
    const record = this.#anonymous.get(handle) ?? this.#signedIn.get(handle);
    return record && this.isLive(record, this.clock.now()) ? record : undefined;
  }

  isLive(record: SessionRecord, now: number): boolean {
    if (record.expiresAt <= now) return false;
    return record.userId === null || record.userEpoch >= this.epoch(record.userId);
  }

  now(): number {
    return this.clock.now();
  }

  /** @throws StoreUnavailableError if there is no room that this session may take. */
  add(record: SessionRecord): void {
    this.#makeRoom(1, bytesOf(record), record.userId !== null);
    this.#link(record);
  }

  /** @throws StoreUnavailableError if there is no room that this session may take; the former record stays. */
  replace(former: SessionRecord, record: SessionRecord): void {
    const growth = record.data === former.data && record.label === former.label ? 0 : bytesOf(record) - bytesOf(former);
    if (growth > 0) this.#makeRoom(0, growth, record.userId !== null, former.handle);
    if (growth === 0 && record.userId === former.userId) {
      this.#recordsOf(record).set(record.handle, record);
    } else {
      this.remove(former);
      this.#link(record);
    }
  }

  remove(record: SessionRecord): void {
    this.#recordsOf(record).delete(record.handle);
    this.#bytes -= bytesOf(record);
    if (record.userId === null) return;
    const handles = this.#handlesByUser.get(record.userId);
    handles?.delete(record.handle);
    if (handles?.size === 0) this.#handlesByUser.delete(record.userId);
  }

  /** Those used longest ago first; nothing of it counts as use. Collect before changing anything. */
  *all(userId?: string | null): Iterable<SessionRecord> {
    if (typeof userId === 'string') {
      for (const handle of this.#handlesByUser.get(userId) ?? []) yield this.#signedIn.peek(handle)!;
      return;
    }
    yield* oldestFirst(this.#anonymous);
    if (userId === undefined) yield* oldestFirst(this.#signedIn);
  }

  epoch(userId: string): number {
    return this.#epochs.get(userId) ?? 0;
  }

  raiseEpoch(userId: string, epoch: number): void {
    this.#epochs.set(userId, epoch);
  }

  #recordsOf(record: SessionRecord): Records {
    return record.userId === null ? this.#anonymous : this.#signedIn;
  }

  #link(record: SessionRecord): void {
    this.#recordsOf(record).set(record.handle, record);
    this.#bytes += bytesOf(record);
    if (record.userId === null) return;
    const handles = this.#handlesByUser.get(record.userId);
    if (handles) handles.add(record.handle);
    else this.#handlesByUser.set(record.userId, new Set([record.handle]));
  }

  #makeRoom(sessions: number, bytes: number, forSignedIn: boolean, keep?: string): void {
    while (this.size + sessions > this.#maxSessions || this.#bytes + bytes > this.#maxBytes) {
      const victim = oldest(this.#anonymous, keep) ?? (forSignedIn ? oldest(this.#signedIn, keep) : undefined);
      if (!victim) {
        throw new StoreUnavailableError('full', 'The memory store is full of sessions that must not make room; raise maxSessions or maxBytes.');
      }
      this.remove(victim);
      const { handle, userId, idleExpiresAt, absoluteExpiresAt } = victim;
      for (const listener of this.#listeners) listener({ handle, userId, idleExpiresAt, absoluteExpiresAt });
    }
  }
}

function oldest(records: Records, keep: string | undefined): SessionRecord | undefined {
  for (const record of oldestFirst(records)) {
    if (record.handle !== keep) return record;
  }
  return undefined;
}

function* oldestFirst(records: Records): Iterable<SessionRecord> {
  for (const record of records.rvalues()) {
    if (record) yield record;
  }
}

function bytesOf(record: SessionRecord): number {
  let bytes = FIXED_BYTES + Buffer.byteLength(record.data);
  if (record.userId !== null) bytes += record.userId.length;
  if (record.userAgent !== null) bytes += record.userAgent.length;
  if (record.label !== null) bytes += record.label.length;
  return bytes;
}
