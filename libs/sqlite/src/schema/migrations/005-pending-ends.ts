/** Ends of a user's sessions that have begun: almost always none. */
export const PENDING_ENDS = `
CREATE TABLE pending_ends (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_ends_by_time ON pending_ends (begun_at, id);
`;
