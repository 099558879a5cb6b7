import { STATUS_CLASSES, type StatusClass } from 'nest-gatehouse/hits/storage';

const COLUMN_OF: Readonly<Record<StatusClass, string>> = {
  '1xx': 'status_1xx',
  '2xx': 'status_2xx',
  '3xx': 'status_3xx',
  '4xx': 'status_4xx',
  '5xx': 'status_5xx',
  aborted: 'aborted',
};

const STATUS_COLUMNS = STATUS_CLASSES.map((name) => COLUMN_OF[name]);

function upsert(table: string, keys: readonly string[], counts: readonly string[]): string {
  const columns = [...keys, ...counts];
  const sums = counts.map((column) => `${column} = ${column} + excluded.${column}`);
  return (
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ` +
    `ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${sums.join(', ')}`
  );
}

export const ADD_TOTAL = upsert('hit_totals', ['unit', 'start'], ['people', 'bots', 'uniques']);
export const ADD_ROUTE = upsert('hit_routes', ['unit', 'start', 'route', 'method'], STATUS_COLUMNS);
export const ADD_AGENT = upsert('hit_agents', ['unit', 'start', 'family', 'bot'], ['total']);
export const ADD_SESSION =
  'INSERT INTO hit_sessions (handle, hits, expires_at) VALUES (?, ?, ?) ON CONFLICT (handle) ' +
  'DO UPDATE SET hits = hits + excluded.hits, expires_at = max(expires_at, excluded.expires_at)';
export const LAST_BATCH = 'SELECT batch FROM hit_writers WHERE writer = ?';
export const SET_LAST_BATCH = 'INSERT OR REPLACE INTO hit_writers (writer, batch, at) VALUES (?, ?, ?)';

export const ROUTES_OF_DAY = `SELECT route, method FROM hit_routes WHERE unit = 'day' AND start = ?`;
export const AGENTS_OF_DAY = `SELECT family, bot FROM hit_agents WHERE unit = 'day' AND start = ?`;

const IN_SPAN = 'unit = ? AND start >= ? AND start < ?';
const STATUS_SUMS = STATUS_COLUMNS.map((column) => `sum(${column})`).join(', ');
export const GRAND_TOTAL = `SELECT sum(people), sum(bots) FROM hit_totals WHERE unit = 'month'`;
export const BUCKETS = `SELECT start, people, bots, uniques FROM hit_totals WHERE ${IN_SPAN} ORDER BY start`;
export const ROUTES = `SELECT route, method, ${STATUS_SUMS} FROM hit_routes WHERE ${IN_SPAN} GROUP BY route, method`;
export const AGENTS = `SELECT family, bot, sum(total) FROM hit_agents WHERE ${IN_SPAN} GROUP BY family, bot`;
export const HITS_OF_SESSION = 'SELECT hits FROM hit_sessions WHERE handle = ?';

function expire(table: string, keys: string): string {
  return (
    `DELETE FROM ${table} WHERE (${keys}) IN ` + `(SELECT ${keys} FROM ${table} WHERE unit = ? AND start < ? LIMIT ?)`
  );
}

/** Parameters: unit, time, limit. */
export const EXPIRE_UNIT = [
  expire('hit_totals', 'unit, start'),
  expire('hit_routes', 'unit, start, route, method'),
  expire('hit_agents', 'unit, start, family, bot'),
] as const;
/** Parameters: time, limit. */
export const EXPIRE_SESSIONS =
  'DELETE FROM hit_sessions WHERE handle IN ' +
  '(SELECT handle FROM hit_sessions INDEXED BY hit_sessions_by_end WHERE expires_at <= ? LIMIT ?)';
export const EXPIRE_WRITERS =
  'DELETE FROM hit_writers WHERE writer IN ' +
  '(SELECT writer FROM hit_writers INDEXED BY hit_writers_by_time WHERE at < ? LIMIT ?)';
