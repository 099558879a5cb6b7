/**
 * What the administrator's lists look for in the audit trail, what a session was when it ended, accounts that have a
 * role, and why a user's epoch was raised.
 */
export const ADMINISTRATION = `
ALTER TABLE audit_log ADD COLUMN session TEXT;
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_log_by_handle ON audit_log (handle, id) WHERE handle IS NOT NULL;
CREATE INDEX audit_log_by_address ON audit_log (ip, id) WHERE ip IS NOT NULL;
CREATE INDEX audit_log_by_username ON audit_log (username, id) WHERE username IS NOT NULL;
ALTER TABLE user_epochs ADD COLUMN reason TEXT;
ALTER TABLE pending_ends ADD COLUMN reason TEXT;
CREATE INDEX users_with_roles ON users (id) WHERE roles <> '[]';
`;
