import { join } from 'node:path';
import type { ReferenceServer } from './reference-server.js';

type Row = Readonly<Record<string, unknown>>;

/** Every row of these tables of a server on SQLite, as another process sees them now. */
export async function readTables(server: ReferenceServer, ...tables: readonly string[]): Promise<Map<string, Row[]>> {
  const builtIn = process.getBuiltinModule?.('node:sqlite') as typeof import('@photostructure/sqlite') | undefined;
  const { DatabaseSync } = builtIn ?? (await import('@photostructure/sqlite'));
  const database = new DatabaseSync(join(server.directory, 'data/gatehouse.db'), { readOnly: true });
  try {
    return new Map(
      tables.map((table) => {
        const rows = database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all() as Row[];
        return [table, rows.map((row) => ({ ...row }))];
      }),
    );
  } finally {
    database.close();
  }
}
