// A file as the first release left it, with the sessions of a present one: node version-1.mjs PRESENT_FILE OLD_FILE
import { readFileSync } from 'node:fs';

const [present, old] = process.argv.slice(2);
const { DatabaseSync } = process.getBuiltinModule?.('node:sqlite') ?? (await import('@photostructure/sqlite'));
const connection = new DatabaseSync(old);
connection.exec(readFileSync(new URL('version-1.sql', import.meta.url), 'utf8'));
// By their names: later releases have added columns.
const columns = connection.prepare("SELECT name FROM pragma_table_info('sessions')").all();
const names = columns.map((row) => Object.values(row)[0]).join(', ');
connection.exec(
  `ATTACH '${present}' AS present; INSERT INTO sessions SELECT ${names} FROM present.sessions; DETACH present`,
);
connection.exec('PRAGMA journal_mode = WAL');
connection.close();
