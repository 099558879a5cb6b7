/**
 * What administrators find sessions by, beside the user's id and times. `device` and `address` are computed from the
 * user agent and the address: `SessionPlaces` fills them in where `device` is NULL, in rows of an older release, or of a
 * process that still runs one.
 *
 * Each index has all that a list is sorted by, and whose session it is, without a look at the table. Only the two by last use are
 * written when a session is used.
 */
export const SESSION_SEARCH = `
ALTER TABLE sessions ADD COLUMN username TEXT;
-- The day on which it was last counted as used.
ALTER TABLE sessions ADD COLUMN counted_day INTEGER NOT NULL DEFAULT 0;
-- Checksum of these two.
ALTER TABLE sessions ADD COLUMN added_seal INTEGER;
-- In lower case; empty without one.
ALTER TABLE sessions ADD COLUMN device TEXT;
-- As addressKey makes it.
ALTER TABLE sessions ADD COLUMN address TEXT;

CREATE INDEX sessions_by_username ON sessions (username, created_at, handle) WHERE username IS NOT NULL;
CREATE INDEX sessions_by_device ON sessions (device, created_at, handle, user_id);
DROP INDEX sessions_by_address;
CREATE INDEX sessions_by_address ON sessions (address, created_at, handle, user_id);
DROP INDEX sessions_by_creation;
CREATE INDEX sessions_by_creation ON sessions (created_at, handle, user_id);
DROP INDEX sessions_by_last_use;
CREATE INDEX sessions_by_last_use ON sessions (last_seen_at, handle, created_at, user_id);
DROP INDEX sessions_anonymous;
CREATE INDEX sessions_anonymous ON sessions (last_seen_at, handle, created_at, user_id) WHERE user_id IS NULL;
`;
