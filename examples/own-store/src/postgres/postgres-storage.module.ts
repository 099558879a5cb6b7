import { PGlite } from '@electric-sql/pglite';
import {
  type Abstract,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
  type Type,
} from '@nestjs/common';
import { AnonymousSessions, SessionIndex, SessionLocks, SessionStore } from 'nest-gatehouse/session/storage';
import { PostgresDatabase } from './database.js';
import { PostgresAnonymousSessions } from './postgres-anonymous.sessions.js';
import { PostgresSessionIndex } from './postgres-session.index.js';
import { PostgresSessionLocks } from './postgres-session.locks.js';
import { PostgresSessionStore } from './postgres-session.store.js';

const CONTRACTS = [SessionStore, SessionIndex, SessionLocks, AnonymousSessions];

/** Keeps the sessions of the whole application in PostgreSQL. */
@Module({})
export class PostgresStorageModule implements OnApplicationShutdown {
  constructor(@Inject(PGlite) private readonly client: PGlite) {}

  /** @param directory where the database is kept */
  static forRoot(directory: string): DynamicModule {
    return {
      module: PostgresStorageModule,
      global: true,
      providers: [
        { provide: PGlite, useFactory: () => PGlite.create(directory) },
        {
          // Nest waits for the tables before the application listens.
          provide: PostgresDatabase,
          inject: [PGlite],
          useFactory: async (client: PGlite) => {
            const database = new PostgresDatabase(client);
            await database.prepare();
            return database;
          },
        },
        provider(SessionStore, PostgresSessionStore),
        provider(SessionIndex, PostgresSessionIndex),
        provider(SessionLocks, PostgresSessionLocks),
        provider(AnonymousSessions, PostgresAnonymousSessions),
      ],
      exports: CONTRACTS,
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}

function provider<T>(provide: Abstract<T>, implementation: Type<T>): Provider {
  return {
    provide,
    inject: [PostgresDatabase],
    useFactory: (database: PostgresDatabase) => new implementation(database),
  };
}
