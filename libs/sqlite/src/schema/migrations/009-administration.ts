/**
 * What the administrator's lists look for in the audit trail, what a session was when it ended, accounts that have a
 * role, why a user's epoch was raised, and work of administrators that takes long.
 */
export const ADMINISTRATION = `
ALTER TABLE audit_log ADD COLUMN session TEXT;
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_log_by_handle ON audit_log (handle, id) WHERE handle IS NOT NULL;
CREATE INDEX audit_log_by_address ON audit_log (ip, id) WHERE ip IS NOT NULL;
CREATE INDEX audit_log_by_username ON audit_log (username, id) WHERE username IS NOT NULL;
ALTER TABLE user_epochs ADD COLUMN reason TEXT;
ALTER TABLE pending_ends ADD COLUMN reason TEXT;
CREATE TABLE admin_jobs (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  matched INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  step TEXT
) STRICT;
CREATE INDEX admin_jobs_running ON admin_jobs (lease_until) WHERE state = 'running';
CREATE INDEX admin_jobs_by_start ON admin_jobs (started_at) WHERE state <> 'running';
CREATE INDEX users_with_roles ON users (id) WHERE roles <> '[]';
`;
