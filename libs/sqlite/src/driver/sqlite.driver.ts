/** The part of the API of `node:sqlite` that this library uses. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): { changes: number | bigint };
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
  /** Not in every version of the driver. */
  setReturnArrays?(enabled: boolean): void;
}

export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  function(name: string, options: { varargs: boolean }, body: (...values: SqliteValue[]) => SqliteValue): void;
  close(): void;
}

export interface SqliteDriver {
  readonly DatabaseSync: new (path: string, options?: { readOnly?: boolean }) => SqliteConnection;
}

export type SqliteValue = string | number | null;

/** The values of a row, in whichever form the driver returns it. */
export function valuesOf(row: unknown): unknown[] {
  return Array.isArray(row) ? (row as unknown[]) : Object.values(row as Record<string, unknown>);
}

/**
 * The rows of a query on a connection that is closed soon after. A prepared statement would keep the file open until it
 * is garbage collected, because the API cannot release it.
 */
export function rowsOf(connection: SqliteConnection, columns: string, from: string): SqliteValue[][] {
  const rows: SqliteValue[][] = [];
  connection.function('collect_row', { varargs: true }, (...values) => {
    rows.push(values);
    return null;
  });
  connection.exec(`SELECT collect_row(${columns}) FROM ${from}`);
  return rows;
}

const PACKAGE = '@photostructure/sqlite';
// Version 2 requires Node 22, which has the driver built in.
const INSTALL = `npm install ${PACKAGE}@1`;

/** The driver built into Node if it needs no flag (22.13 and later), otherwise the package with the same API. */
export async function loadSqliteDriver(): Promise<SqliteDriver> {
  const builtIn: unknown = process.getBuiltinModule?.('node:sqlite');
  if (builtIn) return builtIn as SqliteDriver;
  try {
    return (await import(PACKAGE)) as SqliteDriver;
  } catch (cause) {
    throw new Error(
      `SqliteStorageModule needs a driver: Node ${process.version} has no node:sqlite, and the package ${PACKAGE} cannot be loaded. ` +
        `Run "${INSTALL}", or use Node 22.13 or later.`,
      { cause },
    );
  }
}
