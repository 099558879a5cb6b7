import { Injectable } from '@nestjs/common';
import {
  decodeSessionCursor,
  encodeSessionCursor,
  type PagePosition,
  type SessionOrder,
  type SessionSort,
} from '../storage/page-cursor.js';
import { sessionMatcher } from '../storage/session-filter.js';
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
    const { limit, sort = 'createdAt', order = 'descending', cursor } = page;
    const compare = comparison(order);
    const start = cursor === undefined ? null : decodeSessionCursor(sort, cursor, order);
    const firstOf = (records: SessionRecord[], count: number) =>
      records.sort((a, b) => compare(positionOf(a, sort), positionOf(b, sort))).slice(0, count);
    const enough = 4 * (limit + 1);
    let first: SessionRecord[] = [];
    this.#forEachLive(filter, (record) => {
      if (start && compare(positionOf(record, sort), start) <= 0) return;
      first.push(record);
      // Keeps the work proportional to the sessions scanned, however many match.
      if (first.length >= enough) first = firstOf(first, limit + 1);
    });
    const found = firstOf(first, limit + 1);
    const items = found.slice(0, limit).map((record) => Object.freeze(toSummary(record)));
    const next = found.length > limit ? encodeSessionCursor(sort, positionOf(found[limit - 1]!, sort), order) : null;
    return { items, next };
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
    const now = this.sessions.now();
    const matches = sessionMatcher(filter);
    const ending = [...new Set(handles)].flatMap((handle) => {
      const record = this.sessions.peek(handle);
      return record && this.sessions.isLive(record, now) && matches(record) ? [record] : [];
    });
    for (const { handle } of ending) this.sessions.remove(handle);
    return ending.map(toSummary);
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
    const matches = sessionMatcher(filter);
    this.sessions.forEach(filter.state === 'anonymous' ? null : filter.userId, (record) => {
      if (matches(record) && this.sessions.isLive(record, now)) visit(record);
    });
  }
}

function positionOf(record: SessionRecord, sort: SessionSort): PagePosition {
  return { time: record[sort], handle: record.handle };
}

function comparison(order: SessionOrder): (a: PagePosition, b: PagePosition) => number {
  const sign = order === 'descending' ? -1 : 1;
  return (a, b) => sign * (a.time - b.time || (a.handle < b.handle ? -1 : Number(a.handle > b.handle)));
}
