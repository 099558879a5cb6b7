import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata, type Provider } from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { fromForRoot, moduleCheck, Clock, Randomness, SystemClock, SystemRandomness } from 'nest-gatehouse/common';
import {
  AnonymousSessions,
  SessionIndex,
  SessionLocks,
  SessionStore,
  StorageHealth,
} from 'nest-gatehouse/session/storage';
import { ADMIN_PROVIDERS } from './admin/admin.providers.js';
import { AUTH_PROVIDERS } from './auth/auth.providers.js';
import { StorageDeploymentError } from './database/deployment-check.js';
import { HIT_PROVIDERS } from './hits/hit.providers.js';
import { SESSMAN_PROVIDERS } from './sessman/sessman.providers.js';
import { MongooseAnonymousSessions } from './sessions/mongoose-anonymous.sessions.js';
import { MongooseDatabase } from './database/mongoose-database.js';
import { MongooseSessionIndex } from './sessions/mongoose-session.index.js';
import { MongooseSessionLocks } from './sessions/mongoose-session.locks.js';
import { MongooseSessionStore } from './sessions/mongoose-session.store.js';
import { MongooseStorageHealth } from './database/mongoose-storage.health.js';
import type { MongooseStorageOptions } from './mongoose.options.js';

export interface MongooseStorageModuleOptions extends MongooseStorageOptions {
  /**
   * The `connectionName` given to `MongooseModule.forRoot`, for applications with several. Default: the one without a
   * name.
   */
  connectionName?: string;
}

export interface MongooseStorageAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /**
   * The `connectionName` given to `MongooseModule.forRoot`, for applications with several. Default: the one without a
   * name.
   */
  connectionName?: string;
  inject?: FactoryProvider['inject'];
  useFactory: (...dependencies: never[]) => MongooseStorageOptions | Promise<MongooseStorageOptions>;
}

const OPTIONS = Symbol('gatehouse:mongoose-storage-options');

/**
 * Sessions, accounts, counters, the audit trail, API keys and hits in MongoDB for the whole application, on the connection that
 * it made with `MongooseModule`.
 */
@Module({ providers: [moduleCheck(() => MongooseStorageModule), ...fromForRoot('MongooseStorageModule', OPTIONS)] })
export class MongooseStorageModule {
  /** @throws OptionsError, StorageIndexError, StorageDeploymentError, StoreUnavailableError at start */
  static forRoot({ connectionName, ...options }: MongooseStorageModuleOptions = {}): DynamicModule {
    return storage(connectionName, { provide: OPTIONS, useValue: options });
  }

  static forRootAsync(options: MongooseStorageAsyncOptions): DynamicModule {
    const { connectionName, imports, inject, useFactory } = options;
    return storage(connectionName, { provide: OPTIONS, inject: inject ?? [], useFactory }, imports);
  }
}

const CLOCK = { token: Clock, optional: true };
const RANDOMNESS = { token: Randomness, optional: true };

function storage(
  connectionName: string | undefined,
  options: Provider,
  imports: ModuleMetadata['imports'] = [],
): DynamicModule {
  return {
    module: MongooseStorageModule,
    global: true,
    imports,
    providers: [
      options,
      {
        // Waits for the indexes, so that the application does not answer before they exist.
        provide: MongooseDatabase,
        inject: [OPTIONS, { token: getConnectionToken(connectionName), optional: true }],
        useFactory: (given: MongooseStorageOptions, connection?: Connection) => {
          if (!connection) throw missingConnection(connectionName);
          return MongooseDatabase.open(connection, given);
        },
      },
      {
        provide: SessionStore,
        inject: [MongooseDatabase, CLOCK],
        useFactory: (database: MongooseDatabase, clock: Clock = new SystemClock()) =>
          new MongooseSessionStore(database, clock),
      },
      {
        provide: SessionIndex,
        inject: [MongooseDatabase, CLOCK, RANDOMNESS],
        useFactory: (
          database: MongooseDatabase,
          clock: Clock = new SystemClock(),
          randomness: Randomness = new SystemRandomness(),
        ) => new MongooseSessionIndex(database, clock, randomness),
      },
      {
        provide: AnonymousSessions,
        inject: [MongooseDatabase, RANDOMNESS],
        useFactory: (database: MongooseDatabase, randomness?: Randomness) =>
          new MongooseAnonymousSessions(database, randomness),
      },
      {
        provide: SessionLocks,
        inject: [MongooseDatabase, RANDOMNESS],
        useFactory: (database: MongooseDatabase, randomness: Randomness = new SystemRandomness()) =>
          new MongooseSessionLocks(database, randomness),
      },
      {
        provide: StorageHealth,
        inject: [MongooseDatabase],
        useFactory: (database: MongooseDatabase) => new MongooseStorageHealth(database),
      },
      ...AUTH_PROVIDERS,
      ...SESSMAN_PROVIDERS,
      ...ADMIN_PROVIDERS,
      ...HIT_PROVIDERS,
    ],
    exports: [
      SessionStore,
      SessionIndex,
      AnonymousSessions,
      SessionLocks,
      StorageHealth,
      ...[...AUTH_PROVIDERS, ...SESSMAN_PROVIDERS, ...ADMIN_PROVIDERS, ...HIT_PROVIDERS].map(({ provide }) => provide),
    ],
  };
}

function missingConnection(connectionName: string | undefined): StorageDeploymentError {
  const named = connectionName === undefined ? '' : `, { connectionName: '${connectionName}' }`;
  return new StorageDeploymentError(
    `there is none${connectionName === undefined ? '' : ' of this name'}; import MongooseModule.forRoot(uri${named}) in the root module.`,
  );
}
