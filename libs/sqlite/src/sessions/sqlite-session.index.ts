import { Injectable } from '@nestjs/common';
import { type Awaitable, Clock, SystemClock } from 'nest-gatehouse/common';
import {
  decodeSessionCursor,
  encodeSessionCursor,
  type EndedSession,
  type EndReason,
  type PagePosition,
  type SessionFilter,
  type SessionList,
  type SessionPage,
  type SessionSort,
  type SessionSummary,
  UserSweepIndex,
} from 'nest-gatehouse/session/storage';
import { readSummary, SUMMARY_SELECTION } from '../schema/session-row.js';
import { matching, walkFor } from './session-sql.js';
import { SessionSweep } from './session-sweep.js';
import { before, walk } from './session-walk.js';
import { inSmallerSteps } from '../database/smaller-steps.js';
import { fromText, toText } from '../driver/sqlite-text.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';

const EPOCH = 'SELECT epoch FROM user_epochs WHERE user_id = ?';
const RAISE_EPOCH = `INSERT INTO user_epochs (user_id, reason, epoch, swept) VALUES (?, ?, max(0, ?), 0)
  ON CONFLICT (user_id) DO UPDATE SET epoch = max(epoch, excluded.epoch), reason = excluded.reason RETURNING epoch`;
const NEXT_EPOCH = `INSERT INTO user_epochs (user_id, reason, epoch, swept) VALUES (?, ?, 1, 0)
  ON CONFLICT (user_id) DO UPDATE SET epoch = epoch + 1, reason = excluded.reason RETURNING epoch`;

const HAS_SESSION = 'SELECT 1 FROM sessions INDEXED BY sessions_by_user WHERE user_id = ? LIMIT 1';
const FORGET_EPOCH = 'DELETE FROM user_epochs WHERE user_id = ?';

/** Lists and ends the sessions of one SQLite file, by its indexes. */
@Injectable()
export class SqliteSessionIndex extends UserSweepIndex {
  readonly #sweep: SessionSweep;

  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock = new SystemClock(),
  ) {
    super();
    this.#sweep = new SessionSweep(database, clock);
  }

  override async find(filter: SessionFilter, page: SessionPage): Promise<SessionList> {
    const { limit, sort = 'createdAt', cursor } = page;
    const given = cursor === undefined ? null : decodeSessionCursor(sort, cursor);
    const start = given && { time: given.time, handle: toText(given.handle) };
    const found = await this.#newest(filter, sort, start, limit + 1);
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? encodeSessionCursor(sort, items[limit - 1]!) : null };
  }

  override async count(filter: SessionFilter): Promise<number> {
    const condition = matching(filter, this.clock.now());
    let count = 0;
    await walk(this.database, walkFor(filter, null), null, ({ source, values }) => {
      const sql = `SELECT count(*) FROM ${source} WHERE ${condition.sql}`;
      count += valuesOf(this.database.statement(sql, true).get(...values, ...condition.values))[0] as number;
      return false;
    });
    return count;
  }

  override async end(filter: SessionFilter, limit: number, except?: string): Promise<readonly EndedSession[]> {
    for (;;) {
      const handles = await this.#handles(filter, limit, except);
      if (handles.length === 0) return [];
      const ended = await inSmallerSteps(handles.length, (some) =>
        this.database.write(() => this.#delete(filter, handles.slice(0, some)), 'durable', 'end'),
      );
      // If another process has ended all of these, there may still be others.
      if (ended.length > 0) return ended;
    }
  }

  override async endAmong(handles: readonly string[], filter: SessionFilter): Promise<readonly EndedSession[]> {
    const given = [...handles];
    const ended: EndedSession[] = [];
    for (let at = 0; at < given.length;) {
      at += await inSmallerSteps(given.length - at, async (some) => {
        const part = given.slice(at, at + some);
        ended.push(...(await this.database.write(() => this.#delete(filter, part), 'durable', 'end')));
        return part.length;
      });
    }
    return ended;
  }

  override sweep(limit: number): Promise<readonly EndedSession[]> {
    return this.#sweep.run(limit);
  }

  override sweepUser(userId: string, limit: number): Promise<readonly EndedSession[]> {
    return this.#sweep.ofUser(userId, limit);
  }

  override userEpoch(userId: string): Awaitable<number> {
    return this.database.read(() => {
      const row = this.database.statement(EPOCH, true).get(toText(userId));
      return row === undefined ? 0 : (valuesOf(row)[0] as number);
    });
  }

  override raiseUserEpoch(userId: string, epoch?: number, reason: EndReason | null = null): Promise<number> {
    const values = [toText(userId), reason, ...(epoch === undefined ? [] : [epoch])];
    const sql = epoch === undefined ? NEXT_EPOCH : RAISE_EPOCH;
    return this.database.write(
      () => valuesOf(this.database.statement(sql, true).get(...values))[0] as number,
      'durable',
      'end',
    );
  }

  override forgetUser(userId: string): Promise<boolean> {
    const key = toText(userId);
    const forget = () => {
      if (this.database.statement(HAS_SESSION, true).get(key) !== undefined) return false;
      this.database.statement(FORGET_EPOCH).run(key);
      return true;
    };
    return this.database.write(forget, 'durable', 'end');
  }

  async #newest(
    filter: SessionFilter,
    sort: SessionSort,
    start: PagePosition | null,
    count: number,
  ): Promise<SessionSummary[]> {
    const condition = matching(filter, this.clock.now());
    const time = sort === 'createdAt' ? 'created_at' : 'last_seen_at';
    const order = `ORDER BY ${time} DESC, handle DESC`;
    const route = walkFor(filter, sort);

    if (route.time !== time) {
      const rest = start ? before(time, start) : { sql: 'TRUE', values: [] };
      const sql = `SELECT ${SUMMARY_SELECTION} FROM sessions INDEXED BY ${route.index}
        WHERE ${route.equal.sql} AND ${condition.sql} AND ${rest.sql} ${order} LIMIT ?`;
      const values = [...route.equal.values, ...condition.values, ...rest.values, count];
      return this.database.read(() =>
        this.database
          .statement(sql, true)
          .all(...values)
          .map(readSummary),
      );
    }

    const found: SessionSummary[] = [];
    await walk(this.database, route, start, ({ source, values }) => {
      const sql = `SELECT ${SUMMARY_SELECTION} FROM ${source} WHERE ${condition.sql} ${order} LIMIT ?`;
      const rows = this.database.statement(sql, true).all(...values, ...condition.values, count - found.length);
      found.push(...rows.map(readSummary));
      return found.length >= count;
    });
    return found;
  }

  async #handles(filter: SessionFilter, limit: number, except: string | undefined): Promise<string[]> {
    const condition = matching(filter, this.clock.now());
    const handles: string[] = [];
    await walk(this.database, walkFor(filter, null), null, ({ source, values }) => {
      const sql = `SELECT handle FROM ${source} WHERE ${condition.sql} LIMIT ?`;
      const rows = this.database.statement(sql, true).all(...values, ...condition.values, limit + 1 - handles.length);
      const found = rows.map((row) => fromText(valuesOf(row)[0] as string));
      handles.push(...found.filter((handle) => handle !== except));
      return handles.length >= limit;
    });
    return handles.slice(0, limit);
  }

  #delete(filter: SessionFilter, handles: readonly string[]): EndedSession[] {
    const condition = matching(filter, this.clock.now());
    const sql = `DELETE FROM sessions WHERE handle = ? AND ${condition.sql} RETURNING ${SUMMARY_SELECTION}`;
    const statement = this.database.statement(sql, true);
    return handles.flatMap((handle) => statement.all(toText(handle), ...condition.values).map(readSummary));
  }
}
