import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, type PagePosition, type SessionSort } from '../page-cursor.js';
import { matchesFilter } from '../session-filter.js';
import {
  SessionIndex,
  type EndedSession,
  type SessionFilter,
  type SessionList,
  type SessionPage,
} from '../session-index.js';
import { toSummary, type SessionRecord } from '../session-record.js';
import { MemorySessions } from './memory-sessions.js';

/** Lists and ends the sessions of a `MemorySessionStore`: by user through an index, otherwise by looking at all of them. */
@Injectable()
export class MemorySessionIndex extends SessionIndex {
  constructor(private readonly sessions: MemorySessions) {
    super();
  }

  override find(filter: SessionFilter, page: SessionPage): SessionList {
    const { limit, sort = 'createdAt', cursor } = page;
    const start = cursor === undefined ? null : decodeCursor(sort, cursor);
    const enough = 4 * (limit + 1);
    let newest: SessionRecord[] = [];
    for (const record of this.#live(filter)) {
      if (start && !comesAfter(record, sort, start)) continue;
      newest.push(record);
      // Keeps the work in proportion to the sessions looked at, however many match.
      if (newest.length >= enough) newest = firstOf(newest, sort, limit + 1);
    }
    const found = firstOf(newest, sort, limit + 1);
    const items = found.slice(0, limit).map((record) => Object.freeze(toSummary(record)));
    return { items, next: found.length > limit ? encodeCursor(sort, items[limit - 1]!) : null };
  }

  override count(filter: SessionFilter): number {
    let count = 0;
    for (const _ of this.#live(filter)) count++;
    return count;
  }

  override end(filter: SessionFilter, limit: number, except?: string): readonly EndedSession[] {
    const ended: SessionRecord[] = [];
    for (const record of this.#live(filter)) {
      if (ended.length >= limit) break;
      if (record.handle !== except) ended.push(record);
    }
    return this.#remove(ended);
  }

  override sweep(limit: number): readonly EndedSession[] {
    const now = this.sessions.now();
    const over: SessionRecord[] = [];
    for (const record of this.sessions.all()) {
      if (over.length >= limit) break;
      if (!this.sessions.isLive(record, now)) over.push(record);
    }
    return this.#remove(over);
  }

  override userEpoch(userId: string): number {
    return this.sessions.epoch(userId);
  }

  override raiseUserEpoch(userId: string, epoch?: number): number {
    const present = this.sessions.epoch(userId);
    const raised = Math.max(present, epoch ?? present + 1);
    this.sessions.raiseEpoch(userId, raised);
    return raised;
  }

  *#live(filter: SessionFilter): Iterable<SessionRecord> {
    const now = this.sessions.now();
    for (const record of this.sessions.all(filter.userId)) {
      if (matchesFilter(record, filter) && this.sessions.isLive(record, now)) yield record;
    }
  }

  #remove(records: readonly SessionRecord[]): readonly EndedSession[] {
    return records.map((record) => {
      this.sessions.remove(record);
      const { handle, userId, idleExpiresAt, absoluteExpiresAt } = record;
      return { handle, userId, idleExpiresAt, absoluteExpiresAt };
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
