/**
 * Accounts, counters of failed logins, and the audit trail. The latter two are WITHOUT ROWID, stored in the order of
 * their keys.
 */
export const AUTH = `
CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  username TEXT NOT NULL,
  canonical_username TEXT NOT NULL UNIQUE,
  password_hash TEXT,
  pepper_id TEXT,
  roles TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  must_change_password INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  rights_changed_at INTEGER NOT NULL,
  known_networks TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  password_changed_at INTEGER,
  last_sign_in_at INTEGER,
  -- Checksum of all the others.
  seal INTEGER NOT NULL
) STRICT;

CREATE TABLE login_attempts (
  key TEXT NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  blocked_until INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_attempts_by_end ON login_attempts (expires_at);

CREATE TABLE audit_log (
  id TEXT NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  actor_id TEXT,
  user_id TEXT,
  username TEXT,
  handle TEXT,
  ip TEXT,
  user_agent TEXT,
  detail TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_log_by_time ON audit_log (at, id);
CREATE INDEX audit_log_by_type ON audit_log (type, id);
CREATE INDEX audit_log_by_user ON audit_log (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_log_by_user_and_type ON audit_log (user_id, type, id) WHERE user_id IS NOT NULL;
`;
