import { Injectable } from '@nestjs/common';
import {
  AnonymousSessions,
  type AnonymousUsage,
  type EndedSession,
  SESSION_OVERHEAD,
} from 'nest-gatehouse/session/storage';
import { readSummary, SUMMARY_SELECTION } from '../schema/session-row.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';

const USAGE = 'SELECT sessions, data_bytes FROM anonymous_usage';
export const EVICT = `DELETE FROM sessions WHERE id = (
  SELECT id FROM sessions INDEXED BY sessions_anonymous WHERE user_id IS NULL ORDER BY last_seen_at LIMIT 1
) RETURNING ${SUMMARY_SELECTION}`;

// One batch of this many small sessions, or this much data, blocks the event loop for a few milliseconds.
const MAX_SESSIONS = 200;
const MAX_BYTES = 2 * 1024 * 1024;

/** Bounds the anonymous sessions of one SQLite file. */
@Injectable()
export class SqliteAnonymousSessions extends AnonymousSessions {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override async evictOldest(bounds: AnonymousUsage, limit: number): Promise<readonly EndedSession[]> {
    if (!exceeds(await this.database.read(() => this.#usage()), bounds)) return [];
    return this.database.write(() => this.#evict(bounds, Math.min(limit, MAX_SESSIONS)), 'default', 'end');
  }

  #evict(bounds: AnonymousUsage, limit: number): EndedSession[] {
    const ended: EndedSession[] = [];
    const before = this.#usage();
    for (let usage = before; ended.length < limit && exceeds(usage, bounds); usage = this.#usage()) {
      if (before.bytes - usage.bytes >= MAX_BYTES) break;
      const row = this.database.statement(EVICT, true).get();
      if (row === undefined) break;
      ended.push(readSummary(row));
    }
    return ended;
  }

  #usage(): AnonymousUsage {
    const [sessions, dataBytes] = valuesOf(this.database.statement(USAGE, true).get()) as [number, number];
    return { sessions, bytes: dataBytes + sessions * SESSION_OVERHEAD };
  }
}

function exceeds(usage: AnonymousUsage, bounds: AnonymousUsage): boolean {
  return usage.sessions > 1 && (usage.sessions > bounds.sessions || usage.bytes > bounds.bytes);
}
