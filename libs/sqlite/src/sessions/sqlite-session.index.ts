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
  type SessionSummary,
  UserSweepIndex,
} from 'nest-gatehouse/session/storage';
import { readSummary, SUMMARY_SELECTION } from '../schema/session-row.js';
import { EVERY_ROW, SessionCount } from './session-count.js';
import { SessionPlaces } from './session-places.js';
import { narrowing, rangesOf, type Range } from './session-range.js';
import { smallestOf } from './session-range-size.js';
import { SessionSearch } from './session-search.js';
import { matching } from './session-sql.js';
import { SessionSweep } from './session-sweep.js';
import { STEPS, walk } from './session-walk.js';
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

// A range of so many sessions is not counted to its end.
const LARGE = 50_000;

/** Lists and ends the sessions of one SQLite file, by its indexes. */
@Injectable()
export class SqliteSessionIndex extends UserSweepIndex {
  readonly #sweep: SessionSweep;
  readonly #places: SessionPlaces;
  readonly #search: SessionSearch;
  readonly #count: SessionCount;

  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock = new SystemClock(),
  ) {
    super();
    this.#sweep = new SessionSweep(database, clock);
    this.#places = new SessionPlaces(database);
    this.#search = new SessionSearch(database, clock);
    this.#count = new SessionCount(database, clock, this.#places);
  }

  override async find(filter: SessionFilter, page: SessionPage): Promise<SessionList> {
    const { limit, sort = 'createdAt', order = 'descending', cursor } = page;
    const given = cursor === undefined ? null : decodeSessionCursor(sort, cursor, order);
    await this.#places.complete(filter);
    const found = await this.#search.first({
      filter,
      devices: await this.#places.devices(filter),
      time: sort === 'createdAt' ? 'created_at' : 'last_seen_at',
      descending: order === 'descending',
      start: given && { time: given.time, handle: toText(given.handle) },
      count: limit + 1,
    });
    const items = await this.#summaries(filter, found.slice(0, limit));
    if (found.length <= limit) return { items, next: null };
    const { time, handle } = found[limit - 1]!;
    return { items, next: encodeSessionCursor(sort, { time, handle: fromText(handle) }, order) };
  }

  override async count(filter: SessionFilter): Promise<number> {
    await this.#places.complete(filter);
    return this.#count.of(filter);
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

  /** Those that live and match no more by now are left out. */
  async #summaries(filter: SessionFilter, positions: readonly PagePosition[]): Promise<SessionSummary[]> {
    const { sql, values } = matching(filter, this.clock.now());
    const query = `SELECT ${SUMMARY_SELECTION} FROM sessions WHERE handle = ? AND ${sql}`;
    return this.database.read(() => {
      const statement = this.database.statement(query, true);
      return positions.flatMap(({ handle }) => statement.all(handle, ...values).map(readSummary));
    });
  }

  async #handles(filter: SessionFilter, limit: number, except: string | undefined): Promise<string[]> {
    await this.#places.complete(filter);
    const condition = matching(filter, this.clock.now());
    const range = await this.#narrowest(filter);
    const handles: string[] = [];
    for (const part of range.parts) {
      await walk(this.database, range, { part, step: STEPS.rows }, ({ source, values }) => {
        const sql = `SELECT entry.handle FROM ${source} CROSS JOIN sessions ON sessions.id = entry.id
          WHERE ${condition.sql} LIMIT ?`;
        const rows = this.database.statement(sql, true).all(...values, ...condition.values, limit + 1 - handles.length);
        const found = rows.map((row) => fromText(valuesOf(row)[0] as string));
        handles.push(...found.filter((handle) => handle !== except));
        return handles.length >= limit;
      });
      if (handles.length >= limit) break;
    }
    return handles.slice(0, limit);
  }

  /** Of large ranges the first one, because to compare them would take longer than to walk along one. */
  async #narrowest(filter: SessionFilter): Promise<Range> {
    const devices = await this.#places.devices(filter);
    const ranges = narrowing(rangesOf(filter, devices), filter);
    return (await smallestOf(this.database, ranges, LARGE)) ?? ranges[0] ?? EVERY_ROW;
  }

  #delete(filter: SessionFilter, handles: readonly string[]): EndedSession[] {
    const condition = matching(filter, this.clock.now());
    const sql = `DELETE FROM sessions WHERE handle = ? AND ${condition.sql} RETURNING ${SUMMARY_SELECTION}`;
    const statement = this.database.statement(sql, true);
    return handles.flatMap((handle) => statement.all(toText(handle), ...condition.values).map(readSummary));
  }
}
