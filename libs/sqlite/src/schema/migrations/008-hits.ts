/**
 * Counted requests. All are WITHOUT ROWID, stored in the order in which they are read: by unit and time. A `start` is
 * milliseconds since the epoch, but that of a month is its number.
 */
export const HITS = `
CREATE TABLE hit_totals (
  unit TEXT NOT NULL,
  start INTEGER NOT NULL,
  people INTEGER NOT NULL,
  bots INTEGER NOT NULL,
  uniques INTEGER NOT NULL,
  PRIMARY KEY (unit, start)
) STRICT, WITHOUT ROWID;
CREATE TABLE hit_routes (
  unit TEXT NOT NULL,
  start INTEGER NOT NULL,
  route TEXT NOT NULL,
  method TEXT NOT NULL,
  status_1xx INTEGER NOT NULL,
  status_2xx INTEGER NOT NULL,
  status_3xx INTEGER NOT NULL,
  status_4xx INTEGER NOT NULL,
  status_5xx INTEGER NOT NULL,
  aborted INTEGER NOT NULL,
  PRIMARY KEY (unit, start, route, method)
) STRICT, WITHOUT ROWID;
CREATE TABLE hit_agents (
  unit TEXT NOT NULL,
  start INTEGER NOT NULL,
  family TEXT NOT NULL,
  bot INTEGER NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (unit, start, family, bot)
) STRICT, WITHOUT ROWID;
CREATE TABLE hit_sessions (
  handle TEXT NOT NULL PRIMARY KEY,
  hits INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hit_sessions_by_end ON hit_sessions (expires_at);
-- The last batch of each process: one that is sent again is not added again.
CREATE TABLE hit_writers (
  writer TEXT NOT NULL PRIMARY KEY,
  batch INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hit_writers_by_time ON hit_writers (at);
`;
