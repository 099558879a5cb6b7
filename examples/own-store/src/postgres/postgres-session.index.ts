import {
  addressKey,
  decodeSessionCursor,
  encodeSessionCursor,
  type EndedSession,
  namespacePrefix,
  networkRange,
  PROGRAM_USER_PREFIX,
  type SessionFilter,
  type SessionList,
  type SessionPage,
  toSummary,
  UserSweepIndex,
} from 'nest-gatehouse/session/storage';
import type { EndReason } from 'nest-gatehouse/session';
import type { PostgresDatabase } from './database.js';
import { isLive, reasonOfEpoch, recordOf, type SessionRow } from './session-row.js';
import { all, name, type Sql, sql } from './sql.js';

interface EndedRow extends SessionRow {
  readonly reason: EndReason | null;
}

export class PostgresSessionIndex extends UserSweepIndex {
  constructor(private readonly database: PostgresDatabase) {
    super();
  }

  override async find(filter: SessionFilter, page: SessionPage): Promise<SessionList> {
    const { limit, sort = 'createdAt', order = 'descending', cursor } = page;
    const time = sort === 'createdAt' ? sql`created_at` : sql`last_seen_at`;
    const direction = order === 'descending' ? sql`DESC` : sql`ASC`;
    const last = cursor === undefined ? undefined : decodeSessionCursor(sort, cursor, order);
    const isBehind = order === 'descending' ? sql`<` : sql`>`;
    const rest = last ? sql`(${time}, handle) ${isBehind} (${last.time}, ${last.handle})` : sql`true`;
    const rows = await this.database.run<SessionRow>(
      sql`SELECT record FROM sessions WHERE ${matches(filter)} AND ${rest}
        ORDER BY ${time} ${direction}, handle ${direction} LIMIT ${limit + 1}`,
    );
    const items = rows.slice(0, limit).map((row) => toSummary(recordOf(row)));
    const end = rows.length > limit ? items.at(-1) : undefined;
    return { items, next: end ? encodeSessionCursor(sort, { time: end[sort], handle: end.handle }, order) : null };
  }

  override async count(filter: SessionFilter): Promise<number> {
    const [row] = await this.database.run<{ count: number }>(
      sql`SELECT count(*)::float8 AS count FROM sessions WHERE ${matches(filter)}`,
    );
    return row!.count;
  }

  override end(filter: SessionFilter, limit: number, except = ''): Promise<EndedSession[]> {
    return this.#remove(sql`${matches(filter)} AND handle <> ${except}`, limit);
  }

  override endAmong(handles: readonly string[], filter: SessionFilter): Promise<EndedSession[]> {
    return this.#remove(sql`${matches(filter)} AND handle = ANY(${handles})`, handles.length);
  }

  override sweep(limit: number): Promise<EndedSession[]> {
    return this.#remove(sql`NOT (${isLive()})`, limit);
  }

  override sweepUser(userId: string, limit: number): Promise<EndedSession[]> {
    const ended = sql`user_epoch < (SELECT epoch FROM user_epochs WHERE user_id = ${name(userId)})`;
    return this.#remove(sql`user_id = ${name(userId)} AND ${ended}`, limit);
  }

  override async userEpoch(userId: string): Promise<number> {
    const [row] = await this.database.run<{ epoch: number }>(
      sql`SELECT epoch FROM user_epochs WHERE user_id = ${name(userId)}`,
    );
    return row?.epoch ?? 0;
  }

  override async raiseUserEpoch(userId: string, epoch: number | null = null, reason?: EndReason): Promise<number> {
    const higher = sql`coalesce(${epoch}::float8, user_epochs.epoch + 1)`;
    const [row] = await this.database.run<{ epoch: number }>(
      sql`INSERT INTO user_epochs (user_id, epoch, reason)
        VALUES (${name(userId)}, coalesce(${epoch}::float8, 1), ${reason ?? null})
        ON CONFLICT (user_id) DO UPDATE SET
          epoch = greatest(user_epochs.epoch, ${higher}),
          reason = CASE WHEN ${higher} > user_epochs.epoch THEN excluded.reason ELSE user_epochs.reason END
        RETURNING epoch`,
    );
    return row!.epoch;
  }

  override async forgetUser(userId: string): Promise<boolean> {
    const left = sql`SELECT FROM sessions WHERE user_id = ${name(userId)}`;
    const [row] = await this.database.run<{ any: boolean }>(
      sql`WITH forgotten AS (DELETE FROM user_epochs WHERE user_id = ${name(userId)} AND NOT EXISTS (${left}))
        SELECT EXISTS (${left}) AS any`,
    );
    return !row!.any;
  }

  /** Rows that another process is removing are left to it. */
  async #remove(which: Sql, limit: number): Promise<EndedSession[]> {
    const rows = await this.database.run<EndedRow>(
      sql`WITH chosen AS MATERIALIZED (
          SELECT handle FROM sessions WHERE ${which} LIMIT ${limit} FOR UPDATE SKIP LOCKED
        )
        DELETE FROM sessions USING chosen WHERE sessions.handle = chosen.handle
        RETURNING record, ${reasonOfEpoch} AS reason`,
    );
    return rows.map((row) => ({ ...toSummary(recordOf(row)), ...(row.reason && { revokedBecause: row.reason }) }));
  }
}

/** Live sessions that meet every given condition. @throws RangeError for a network that is none */
function matches(filter: SessionFilter): Sql {
  const { userId, username, usernamePrefix, state, namespace, ip, network, device } = filter;
  const { createdAfter, createdBefore, lastSeenSince, lastSeenBefore } = filter;
  const conditions = [isLive()];
  if (userId === null || state === 'anonymous') conditions.push(sql`user_id IS NULL`);
  if (userId != null) conditions.push(sql`user_id = ${name(userId)}`);
  if (state === 'signed-in') conditions.push(sql`NOT starts_with(user_id, ${PROGRAM_USER_PREFIX})`);
  if (namespace !== undefined) conditions.push(sql`starts_with(user_id, ${name(namespacePrefix(namespace))})`);
  if (username !== undefined) conditions.push(sql`username = ${name(username)}`);
  if (usernamePrefix !== undefined) conditions.push(sql`starts_with(username, ${name(usernamePrefix)})`);
  if (ip !== undefined) conditions.push(sql`address = ${addressKey(ip)}`);
  if (network !== undefined) {
    const { first, last } = networkRange(network);
    conditions.push(sql`address BETWEEN ${first} AND ${last}`);
  }
  if (device !== undefined) conditions.push(sql`strpos(device, ${device.toLowerCase()}) > 0`);
  if (createdAfter !== undefined) conditions.push(sql`created_at >= ${createdAfter}`);
  if (createdBefore !== undefined) conditions.push(sql`created_at < ${createdBefore}`);
  if (lastSeenSince !== undefined) conditions.push(sql`last_seen_at >= ${lastSeenSince}`);
  if (lastSeenBefore !== undefined) conditions.push(sql`last_seen_at < ${lastSeenBefore}`);
  return all(conditions);
}
