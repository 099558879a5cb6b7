import type { FactoryProvider } from '@nestjs/common';
import { HitStore } from 'nest-gatehouse/hits/storage';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { SqliteHitStore } from './sqlite-hit.store.js';

/** For `HitsModule`, if the application imports it; otherwise unused. */
export const HIT_PROVIDERS: readonly FactoryProvider[] = [
  {
    provide: HitStore,
    inject: [SqliteDatabase],
    useFactory: (database: SqliteDatabase) => new SqliteHitStore(database),
  },
];
