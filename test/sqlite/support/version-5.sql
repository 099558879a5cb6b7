-- What the releases after the one with the first accounts added, up to version 5. What is released never changes.
CREATE TABLE anonymous_usage (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  sessions INTEGER NOT NULL,
  -- Of their data in UTF-8.
  data_bytes INTEGER NOT NULL
) STRICT;
INSERT INTO anonymous_usage
  SELECT 1, count(*), ifnull(sum(length(CAST(data AS BLOB))), 0) FROM sessions WHERE user_id IS NULL;
CREATE INDEX sessions_anonymous ON sessions (last_seen_at) WHERE user_id IS NULL;

CREATE TRIGGER anonymous_session_made AFTER INSERT ON sessions WHEN NEW.user_id IS NULL BEGIN
  UPDATE anonymous_usage SET sessions = sessions + 1, data_bytes = data_bytes + length(CAST(NEW.data AS BLOB));
END;
CREATE TRIGGER anonymous_session_ended AFTER DELETE ON sessions WHEN OLD.user_id IS NULL BEGIN
  UPDATE anonymous_usage SET sessions = sessions - 1, data_bytes = data_bytes - length(CAST(OLD.data AS BLOB));
END;
CREATE TRIGGER anonymous_session_changed AFTER UPDATE OF data, user_id ON sessions
WHEN OLD.user_id IS NULL OR NEW.user_id IS NULL BEGIN
  UPDATE anonymous_usage SET
    sessions = sessions + (NEW.user_id IS NULL) - (OLD.user_id IS NULL),
    data_bytes = data_bytes
      + iif(NEW.user_id IS NULL, length(CAST(NEW.data AS BLOB)), 0)
      - iif(OLD.user_id IS NULL, length(CAST(OLD.data AS BLOB)), 0);
END;

ALTER TABLE users ADD COLUMN one_time_expires_at INTEGER;
ALTER TABLE users ADD COLUMN one_time_used_at INTEGER;

CREATE TABLE pending_ends (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_ends_by_time ON pending_ends (begun_at, id);
PRAGMA user_version = 5;
