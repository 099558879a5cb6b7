import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { claimOutcome, type StoredClaim } from '../storage/claim-outcome.js';
import {
  IdempotencyStore,
  type ClaimOutcome,
  type IdempotencyClaim,
  type IdempotencyCompletion,
  type IdempotencyName,
  type IdempotencyRelease,
} from '../storage/idempotency-store.js';
import { resolveMemoryIdempotencyOptions, type MemoryIdempotencyOptions } from './memory.options.js';

interface Entry extends StoredClaim {
  readonly owner: string;
  readonly bytes: number;
}

/** What a record takes on the heap apart from its texts, roughly. */
const OVERHEAD = 400;

/** Idempotency keys in the memory of one process, bounded by count and bytes. */
@Injectable()
export class MemoryIdempotencyStore extends IdempotencyStore {
  readonly #entries = new Map<string, Entry>();
  /** The names of those that have an answer; the one answered longest ago comes first. */
  readonly #done = new Set<string>();
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  #bytes = 0;

  /** @throws OptionsError */
  constructor(options: MemoryIdempotencyOptions = {}) {
    super();
    const { maxRecords, maxBytes } = resolveMemoryIdempotencyOptions(options);
    this.#maxRecords = maxRecords;
    this.#maxBytes = maxBytes;
  }

  /** @throws StoreUnavailableError if so many requests run that nothing can be forgotten */
  override claim({ owner, fingerprint, leaseUntil, expiresAt, now, ...name }: IdempotencyClaim): ClaimOutcome {
    const id = idOf(name);
    const outcome = claimOutcome(this.#entries.get(id), { fingerprint, now });
    if (outcome.status !== 'claimed') return outcome;
    this.#remove(id);
    const bytes = OVERHEAD + sizeOf(id, fingerprint, owner);
    this.#makeRoom(bytes, now);
    this.#add(id, { owner, fingerprint, leaseUntil, expiresAt, answer: null, bytes });
    return outcome;
  }

  override complete({ owner, answer, expiresAt, ...name }: IdempotencyCompletion): boolean {
    const id = idOf(name);
    const entry = this.#claimOf(id, owner);
    if (!entry) return false;
    this.#remove(id);
    this.#add(id, { ...entry, answer, expiresAt, bytes: entry.bytes + sizeOf(answer) });
    this.#done.add(id);
    while (this.#bytes > this.#maxBytes && this.#done.size > 0) this.#removeOldestDone();
    return true;
  }

  override release({ owner, ...name }: IdempotencyRelease): void {
    const id = idOf(name);
    if (this.#claimOf(id, owner)) this.#remove(id);
  }

  override sweep(now: number, limit: number): number {
    const expired: string[] = [];
    for (const [id, { expiresAt }] of this.#entries) {
      if (expired.length >= limit) break;
      if (expiresAt <= now) expired.push(id);
    }
    for (const id of expired) this.#remove(id);
    return expired.length;
  }

  #claimOf(id: string, owner: string): Entry | null {
    const entry = this.#entries.get(id);
    return entry?.owner === owner && entry.answer === null ? entry : null;
  }

  #makeRoom(bytes: number, now: number): void {
    while (this.#entries.size >= this.#maxRecords || this.#bytes + bytes > this.#maxBytes) {
      if (this.#done.size > 0) this.#removeOldestDone();
      else this.#removeOldestDead(now);
    }
  }

  #removeOldestDone(): void {
    const [oldest] = this.#done;
    this.#remove(oldest!);
  }

  #removeOldestDead(now: number): void {
    const [oldest] = this.#entries;
    if (!oldest || oldest[1].leaseUntil > now)
      throw new StoreUnavailableError('full', `Memory keeps at most ${this.#maxRecords} running requests.`);
    this.#remove(oldest[0]);
  }

  #add(id: string, entry: Entry): void {
    this.#entries.set(id, entry);
    this.#bytes += entry.bytes;
  }

  #remove(id: string): void {
    this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
    this.#done.delete(id);
  }
}

function idOf({ keyId, key }: IdempotencyName): string {
  return JSON.stringify([keyId, key]);
}

function sizeOf(...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
