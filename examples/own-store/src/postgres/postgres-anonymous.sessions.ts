import { AnonymousSessions, type AnonymousUsage, type EndedSession, toSummary } from 'nest-gatehouse/session/storage';
import type { PostgresDatabase } from './database.js';
import { recordOf, type SessionRow } from './session-row.js';
import { sql } from './sql.js';

export class PostgresAnonymousSessions extends AnonymousSessions {
  constructor(private readonly database: PostgresDatabase) {
    super();
  }

  /** Counted from the one used last: it stays, and so do all before the first that exceeds a bound. */
  override async evictOldest(bounds: AnonymousUsage, limit: number): Promise<EndedSession[]> {
    const rows = await this.database.run<SessionRow>(
      sql`WITH anonymous AS (
          SELECT handle, last_seen_at, row_number() OVER newest AS place, sum(bytes) OVER newest AS total FROM sessions
          WHERE user_id IS NULL WINDOW newest AS (ORDER BY last_seen_at DESC, handle DESC)
        ), oldest AS MATERIALIZED (
          SELECT handle, last_seen_at FROM anonymous
          WHERE place > 1 AND (place > ${bounds.sessions}::float8 OR total > ${bounds.bytes}::float8)
          ORDER BY place DESC LIMIT ${limit}
        )
        DELETE FROM sessions USING oldest
        WHERE sessions.handle = oldest.handle AND sessions.last_seen_at = oldest.last_seen_at AND user_id IS NULL
        RETURNING record`,
    );
    return rows.map((row) => toSummary(recordOf(row)));
  }
}
