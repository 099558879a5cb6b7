import { Injectable } from '@nestjs/common';
import {
  decodeSessionCursor,
  encodeSessionCursor,
  type PagePosition,
  type SessionSort,
} from '../storage/page-cursor.js';
import { matchesFilter } from '../storage/session-filter.js';
import type { EndedSession, SessionFilter, SessionList, SessionPage } from '../storage/session-index.js';
import type { EndReason } from '../storage/end-reason.js';
import { toSummary, type SessionRecord } from '../storage/session-record.js';
import { UserSweepIndex } from '../storage/user-sweep-index.js';
import { MemorySessions } from './memory-sessions.js';

/** Lists and ends the sessions of a `MemorySessionStore`: by user through an index, otherwise by a scan of all. */
@Injectable()
export class MemorySessionIndex extends UserSweepIndex {
  constructor(private readonly sessions: MemorySessions) {
    super();
  }

  override find(filter: SessionFilter, page: SessionPage): SessionList {
    const { limit, sort = 'createdAt', cursor } = page;
    const start = cursor === undefined ? null : decodeSessionCursor(sort, cursor);
    const enough = 4 * (limit + 1);
    let newest: SessionRecord[] = [];
    this.#forEachLive(filter, (record) => {
      if (start && !comesAfter(record, sort, start)) return;
      newest.push(record);
      // Keeps the work proportional to the sessions scanned, however many match.
      if (newest.length >= enough) newest = firstOf(newest, sort, limit + 1);
    });
    const found = firstOf(newest, sort, limit + 1);
    const items = found.slice(0, limit).map((record) => Object.freeze(toSummary(record)));
    return { items, next: found.length > limit ? encodeSessionCursor(sort, items[limit - 1]!) : null };
  }

  override count(filter: SessionFilter): number {
    let count = 0;
    this.#forEachLive(filter, () => count++);
    return count;
  }

  override end(filter: SessionFilter, limit: number, except?: string): readonly EndedSession[] {
    const matching: SessionRecord[] = [];
    this.#forEachLive(filter, (record) => {
      if (matching.length < limit && record.handle !== except) matching.push(record);
    });
    for (const { handle } of matching) this.sessions.remove(handle);
    return matching.map(toSummary);
  }

  override endAmong(handles: readonly string[], filter: SessionFilter): readonly EndedSession[] {
    const asked = new Set(handles);
    const matching: SessionRecord[] = [];
    this.#forEachLive(filter, (record) => {
      if (asked.has(record.handle)) matching.push(record);
    });
    for (const { handle } of matching) this.sessions.remove(handle);
    return matching.map(toSummary);
  }

  override sweep(limit: number): readonly EndedSession[] {
    return this.sessions.takeExpired(limit).map((record) => this.#ended(record));
  }

  override sweepUser(userId: string, limit: number): readonly EndedSession[] {
    return this.sessions.takeRevoked(userId, limit).map((record) => this.#ended(record));
  }

  override userEpoch(userId: string): number {
    return this.sessions.epoch(userId);
  }

  override raiseUserEpoch(userId: string, epoch?: number, reason?: EndReason): number {
    const present = this.sessions.epoch(userId);
    const raised = Math.max(present, epoch ?? present + 1);
    this.sessions.raiseEpoch(userId, raised, reason);
    return raised;
  }

  override forgetUser(userId: string): boolean {
    return this.sessions.forgetUser(userId);
  }

  #ended(record: SessionRecord): EndedSession {
    const revokedBecause = this.sessions.revokedBecause(record);
    return revokedBecause === undefined ? toSummary(record) : { ...toSummary(record), revokedBecause };
  }

  #forEachLive(filter: SessionFilter, visit: (record: SessionRecord) => void): void {
    const now = this.sessions.now();
    this.sessions.forEach(filter.userId, (record) => {
      if (matchesFilter(record, filter) && this.sessions.isLive(record, now)) visit(record);
    });
  }
}

function firstOf(records: SessionRecord[], sort: SessionSort, count: number): SessionRecord[] {
  return records.sort((a, b) => b[sort] - a[sort] || (a.handle < b.handle ? 1 : -1)).slice(0, count);
}

function comesAfter(record: SessionRecord, sort: SessionSort, position: PagePosition): boolean {
  const time = record[sort];
  return time < position.time || (time === position.time && record.handle < position.handle);
}
