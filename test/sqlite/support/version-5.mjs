// A file as the release before API keys left it, with the sessions and accounts of a present one: node version-5.mjs PRESENT_FILE OLD_FILE
import { readFileSync } from 'node:fs';

const [present, old] = process.argv.slice(2);
const { DatabaseSync } = process.getBuiltinModule?.('node:sqlite') ?? (await import('@photostructure/sqlite'));
const connection = new DatabaseSync(old);
for (const sql of ['version-1.sql', 'version-2.sql', 'version-5.sql']) {
  connection.exec(readFileSync(new URL(sql, import.meta.url), 'utf8'));
}
connection.exec(`ATTACH '${present}' AS present`);
for (const table of ['sessions', 'users']) {
  // By their names: a later release may have added columns.
  const columns = connection.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
  const names = columns.map((row) => Object.values(row)[0]).join(', ');
  connection.exec(`INSERT INTO ${table} (${names}) SELECT ${names} FROM present.${table}`);
}
connection.exec('DETACH present');
connection.exec('PRAGMA journal_mode = WAL');
connection.close();
