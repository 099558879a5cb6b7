import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata, type Provider } from '@nestjs/common';
import { fromForRoot, moduleCheck, Clock, Randomness } from 'nest-gatehouse/common';
import {
  AnonymousSessions,
  SessionIndex,
  SessionLocks,
  SessionStore,
  StorageHealth,
} from 'nest-gatehouse/session/storage';
import { ADMIN_PROVIDERS } from './admin/admin.providers.js';
import { AUTH_PROVIDERS } from './auth/auth.providers.js';
import { HIT_PROVIDERS } from './hits/hit.providers.js';
import { SESSMAN_PROVIDERS } from './sessman/sessman.providers.js';
import { SqliteAnonymousSessions } from './sessions/sqlite-anonymous.sessions.js';
import { SqliteSessionIndex } from './sessions/sqlite-session.index.js';
import { SqliteSessionLocks } from './sessions/sqlite-session.locks.js';
import { SqliteSessionStore } from './sessions/sqlite-session.store.js';
import { SqliteStorageHealth } from './database/sqlite-storage.health.js';
import { SqliteDatabase } from './database/sqlite.database.js';
import type { SqliteStorageOptions } from './sqlite.options.js';

export interface SqliteStorageAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  inject?: FactoryProvider['inject'];
  useFactory: (...dependencies: never[]) => SqliteStorageOptions | Promise<SqliteStorageOptions>;
}

const OPTIONS = Symbol('gatehouse:sqlite-storage-options');
const CLOCK = { token: Clock, optional: true };
const RANDOMNESS = { token: Randomness, optional: true };

/**
 * Sessions, accounts, counters, the audit trail, API keys and hits in one SQLite file for the whole application, alone or with
 * other processes of the same machine.
 */
@Module({ providers: [moduleCheck(() => SqliteStorageModule), ...fromForRoot('SqliteStorageModule', OPTIONS)] })
export class SqliteStorageModule {
  /** The start fails with `OptionsError` or `SqliteFileError`. */
  static forRoot(options: SqliteStorageOptions): DynamicModule {
    return storage({ provide: OPTIONS, useValue: { ...options } });
  }

  /** The start fails with `OptionsError` or `SqliteFileError`. */
  static forRootAsync(options: SqliteStorageAsyncOptions): DynamicModule {
    const { imports, inject, useFactory } = options;
    return storage({ provide: OPTIONS, inject: inject ?? [], useFactory }, imports);
  }
}

function storage(options: Provider, imports: ModuleMetadata['imports'] = []): DynamicModule {
  return {
    module: SqliteStorageModule,
    global: true,
    imports,
    providers: [
      options,
      {
        provide: SqliteDatabase,
        inject: [OPTIONS],
        useFactory: (given: SqliteStorageOptions) => SqliteDatabase.open(given),
      },
      {
        provide: SessionStore,
        inject: [SqliteDatabase, CLOCK],
        useFactory: (database: SqliteDatabase, clock?: Clock) => new SqliteSessionStore(database, clock),
      },
      {
        provide: SessionIndex,
        inject: [SqliteDatabase, CLOCK],
        useFactory: (database: SqliteDatabase, clock?: Clock) => new SqliteSessionIndex(database, clock),
      },
      {
        provide: AnonymousSessions,
        inject: [SqliteDatabase],
        useFactory: (database: SqliteDatabase) => new SqliteAnonymousSessions(database),
      },
      {
        provide: SessionLocks,
        inject: [SqliteDatabase, CLOCK, RANDOMNESS],
        useFactory: (database: SqliteDatabase, clock?: Clock, randomness?: Randomness) =>
          new SqliteSessionLocks(database, clock, randomness),
      },
      {
        provide: StorageHealth,
        inject: [SqliteDatabase],
        useFactory: (database: SqliteDatabase) => new SqliteStorageHealth(database),
      },
      ...AUTH_PROVIDERS,
      ...SESSMAN_PROVIDERS,
      ...ADMIN_PROVIDERS,
      ...HIT_PROVIDERS,
    ],
    exports: [
      SqliteDatabase,
      SessionStore,
      SessionIndex,
      AnonymousSessions,
      SessionLocks,
      StorageHealth,
      ...[...AUTH_PROVIDERS, ...SESSMAN_PROVIDERS, ...ADMIN_PROVIDERS, ...HIT_PROVIDERS].map(({ provide }) => provide),
    ],
  };
}
