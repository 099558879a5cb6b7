/**
 * What all anonymous sessions take together. Triggers keep it exact: in the transaction of each write, also of a
 * process that still runs an older release, and without reading any other row. The index contains only anonymous
 * sessions, so signed-in ones cost nothing.
 */
export const ANONYMOUS_SESSIONS = `
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
`;
