/** Whose session it is by name, and on which day it was last counted as used. */
export const SESSION_SEARCH = `
ALTER TABLE sessions ADD COLUMN username TEXT;
ALTER TABLE sessions ADD COLUMN counted_day INTEGER NOT NULL DEFAULT 0;
-- Checksum of both.
ALTER TABLE sessions ADD COLUMN added_seal INTEGER;
`;
