/**
 * API keys, and the requests of programs that are carried out once. The former are WITHOUT ROWID, stored in the order of
 * their ids; the latter have a rowid, because answers are long.
 */
export const SESSMAN = `
CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  secret_hash TEXT NOT NULL,
  former_secret_hash TEXT,
  former_secret_until INTEGER NOT NULL,
  namespace TEXT NOT NULL,
  scopes TEXT NOT NULL,
  owner_id TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  -- Checksum of all the others but the last use.
  seal INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_creation ON api_keys (created_at, id);
CREATE INDEX api_keys_by_owner ON api_keys (owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE idempotency_keys (
  id INTEGER PRIMARY KEY,
  api_key_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  owner TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- Null while the request runs.
  answer TEXT,
  UNIQUE (api_key_id, key)
) STRICT;
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at);
`;
