import type { Sql } from './sql.js';

export interface PostgresConnection {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/** What PGlite is, and what a few lines make of a `Pool` of the package `pg`; see the README. */
export interface PostgresClient extends PostgresConnection {
  transaction<T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T>;
}

const TABLES = [
  `CREATE TABLE IF NOT EXISTS sessions (
    handle text COLLATE "C" PRIMARY KEY,
    record text NOT NULL,
    user_id text,
    user_epoch float8 NOT NULL,
    username text,
    address text COLLATE "C",
    device text NOT NULL,
    bytes integer NOT NULL,
    created_at float8 NOT NULL,
    last_seen_at float8 NOT NULL,
    expires_at float8 NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions (user_id)',
  'CREATE INDEX IF NOT EXISTS sessions_by_creation ON sessions (created_at, handle)',
  'CREATE INDEX IF NOT EXISTS sessions_by_use ON sessions (last_seen_at, handle)',
  'CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (expires_at)',
  'CREATE INDEX IF NOT EXISTS sessions_without_user ON sessions (last_seen_at, handle, bytes) WHERE user_id IS NULL',
  'CREATE TABLE IF NOT EXISTS user_epochs (user_id text PRIMARY KEY, epoch float8 NOT NULL, reason text)',
  `CREATE TABLE IF NOT EXISTS session_locks (
    key text PRIMARY KEY,
    owner text NOT NULL,
    fence float8 NOT NULL,
    expires_at float8 NOT NULL
  )`,
];

/** Runs one statement, and returns its rows. */
export type Run = <Row>(statement: Sql) => Promise<Row[]>;

export class PostgresDatabase {
  readonly run: Run;

  constructor(private readonly client: PostgresClient) {
    this.run = runOn(client);
  }

  async prepare(): Promise<void> {
    for (const table of TABLES) await this.client.query(table, []);
  }

  transaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return this.client.transaction((connection) => work(runOn(connection)));
  }
}

function runOn(connection: PostgresConnection): Run {
  return async <Row>({ text, values }: Sql) => (await connection.query(text, [...values])).rows as Row[];
}
