import { Injectable } from '@nestjs/common';
import {
  AuditLog,
  type AuditedAccount,
  type AuditEntry,
  type AuditFilter,
  type AuditList,
  type AuditPage,
} from '../storage/audit-log.js';
import { pseudonymised } from '../storage/pseudonymised.js';
import { decodeKeyCursor, encodeKeyCursor } from '../storage/key-cursor.js';

const MAX_ENTRIES = 10_000;

/**
 * The latest entries of one process. Beyond the bound the oldest entries of the most frequent types are dropped, so
 * that noise does not displace security events.
 */
@Injectable()
export class MemoryAuditLog extends AuditLog {
  /** Oldest first, by id. */
  #entries: AuditEntry[] = [];

  constructor(private readonly maxEntries = MAX_ENTRIES) {
    super();
  }

  override append(entry: AuditEntry): void {
    let at = this.#entries.length;
    while (at > 0 && this.#entries[at - 1]!.id > entry.id) at--;
    this.#entries.splice(at, 0, Object.freeze({ ...entry }));
    // Shrinks only at a tenth more, so that not every entry copies all the others.
    if (this.#entries.length > this.maxEntries * 1.1) this.#shrink();
  }

  #shrink(): void {
    const counts = new Map<string, number>();
    for (const { type } of this.#entries) counts.set(type, (counts.get(type) ?? 0) + 1);
    const most = mostOfEach([...counts.values()], this.maxEntries);
    this.#entries = this.#entries.filter(({ type }) => {
      const count = counts.get(type)!;
      if (count > most) counts.set(type, count - 1);
      return count <= most;
    });
  }

  override find(filter: AuditFilter, { limit, cursor }: AuditPage): AuditList {
    const before = cursor === undefined ? null : decodeKeyCursor('audit', cursor);
    const items: AuditEntry[] = [];
    for (let at = this.#entries.length - 1; at >= 0 && items.length <= limit; at--) {
      const entry = this.#entries[at]!;
      if ((before === null || entry.id < before) && matches(entry, filter)) items.push(entry);
    }
    const more = items.length > limit;
    const page = items.slice(0, limit);
    return { items: page, next: more ? encodeKeyCursor('audit', page.at(-1)!.id) : null };
  }

  override count(filter: AuditFilter): number {
    return this.#entries.filter((entry) => matches(entry, filter)).length;
  }

  override pseudonymise(account: AuditedAccount, pseudonym: string, limit: number): number {
    let changed = 0;
    this.#entries = this.#entries.map((entry) => {
      const renamed = changed < limit ? pseudonymised(entry, account, pseudonym) : entry;
      if (renamed !== entry) changed++;
      return renamed;
    });
    return changed;
  }

  override expire(before: number, limit: number): number {
    const old = this.#entries.filter((entry) => entry.at < before).slice(0, limit);
    const leaving = new Set(old);
    this.#entries = this.#entries.filter((entry) => !leaving.has(entry));
    return old.length;
  }
}

/** How many of each type fit into `together`: types with fewer entries leave the rest to the others. */
function mostOfEach(counts: readonly number[], together: number): number {
  let room = together;
  const ascending = [...counts].sort((a, b) => a - b);
  for (const [n, count] of ascending.entries()) {
    const share = Math.floor(room / (ascending.length - n));
    if (count > share) return share;
    room -= count;
  }
  return together;
}

function matches(entry: AuditEntry, { since, before, ...exact }: AuditFilter): boolean {
  return (
    (Object.keys(exact) as (keyof typeof exact)[]).every((name) => (exact[name] ?? entry[name]) === entry[name]) &&
    (since === undefined || entry.at >= since) &&
    (before === undefined || entry.at < before)
  );
}
