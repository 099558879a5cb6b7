// A file as the release with the first accounts left it, with the accounts of a present one: node version-2.mjs PRESENT_FILE OLD_FILE
import { readFileSync } from 'node:fs';

const COLUMNS =
  'id, username, canonical_username, password_hash, pepper_id, roles, disabled, must_change_password, epoch, ' +
  'rights_changed_at, known_networks, created_at, password_changed_at, last_sign_in_at, seal';

const [present, old] = process.argv.slice(2);
const { DatabaseSync } = process.getBuiltinModule?.('node:sqlite') ?? (await import('@photostructure/sqlite'));
const connection = new DatabaseSync(old);
for (const sql of ['version-1.sql', 'version-2.sql']) {
  connection.exec(readFileSync(new URL(sql, import.meta.url), 'utf8'));
}
connection.exec(
  `ATTACH '${present}' AS present; INSERT INTO users SELECT ${COLUMNS} FROM present.users; DETACH present`,
);
connection.exec('PRAGMA journal_mode = WAL');
connection.close();
