import { SESSIONS } from './migrations/001-sessions.js';
import { AUTH } from './migrations/002-auth.js';
import { ANONYMOUS_SESSIONS } from './migrations/003-anonymous-sessions.js';
import { ONE_TIME_PASSWORDS } from './migrations/004-one-time-passwords.js';
import { PENDING_ENDS } from './migrations/005-pending-ends.js';
import { SESSMAN } from './migrations/006-sessman.js';
import { SESSION_SEARCH } from './migrations/007-session-search.js';
import { HITS } from './migrations/008-hits.js';
import { ADMINISTRATION } from './migrations/009-administration.js';
import { rowsOf, type SqliteConnection, type SqliteDriver } from '../driver/sqlite.driver.js';

/** 'GtHs': distinguishes our files from those of other programs. */
export const APPLICATION_ID = 0x47_74_48_73;

/** In order; the version of a file is the number of migrations it has had. Never change a released one: add another. */
const MIGRATIONS: readonly string[] = [
  SESSIONS,
  AUTH,
  ANONYMOUS_SESSIONS,
  ONE_TIME_PASSWORDS,
  PENDING_ENDS,
  SESSMAN,
  SESSION_SEARCH,
  HITS,
  ADMINISTRATION,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

export interface FileIdentity {
  readonly applicationId: number;
  readonly version: number;
  /** SQL of the tables, indexes and triggers, by name. */
  readonly objects: ReadonlyMap<string, string>;
}

export function identify(connection: SqliteConnection): FileIdentity {
  const objects = rowsOf(connection, 'name, sql', 'sqlite_schema WHERE sql IS NOT NULL');
  return {
    applicationId: pragma(connection, 'application_id'),
    version: pragma(connection, 'user_version'),
    objects: new Map(objects as [string, string][]),
  };
}

/** @param name of a pragma that returns one number */
export function pragma(connection: SqliteConnection, name: string): number {
  return Number(rowsOf(connection, name, `pragma_${name}`)[0]?.[0]);
}

export function isEmpty({ applicationId, objects }: FileIdentity): boolean {
  return applicationId === 0 && objects.size === 0;
}

/** The tables, indexes and triggers that a file of this version must have, but that are missing or different. */
export function missingObjects(driver: SqliteDriver, file: FileIdentity): string[] {
  return [...objectsOf(driver, file.version)]
    .filter(([name, sql]) => file.objects.get(name) !== sql)
    .map(([name]) => name);
}

const objectsOfVersions = new Map<number, FileIdentity['objects']>();

/** Found by migrating an empty database, once for each version. */
function objectsOf(driver: SqliteDriver, version: number): FileIdentity['objects'] {
  let objects = objectsOfVersions.get(version);
  if (!objects) {
    const model = new driver.DatabaseSync(':memory:');
    try {
      MIGRATIONS.slice(0, version).forEach((sql) => model.exec(sql));
      objects = identify(model).objects;
    } finally {
      model.close();
    }
    objectsOfVersions.set(version, objects);
  }
  return objects;
}

/**
 * Migrates a file that is ours, or empty, to the current version in one transaction. Another process may do the same
 * meanwhile.
 */
export function migrate(connection: SqliteConnection): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const version = pragma(connection, 'user_version');
    if (version < SCHEMA_VERSION) connection.exec(migrationFrom(version));
    connection.exec('COMMIT');
  } catch (error) {
    connection.exec('ROLLBACK');
    throw error;
  }
}

function migrationFrom(version: number): string {
  return [
    `PRAGMA application_id = ${APPLICATION_ID};`,
    ...MIGRATIONS.slice(version),
    `PRAGMA user_version = ${SCHEMA_VERSION};`,
  ].join('\n');
}
