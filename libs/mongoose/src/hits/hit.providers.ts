import type { FactoryProvider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { HitStorage, HitStore } from 'nest-gatehouse/hits/storage';
import { MongooseDatabase } from '../database/mongoose-database.js';
import { preparedIfUsed } from '../database/prepared-if-used.js';
import { MongooseHitStore } from './mongoose-hit.store.js';

/** For `HitsModule`. An application without it, or with its own `HitStore`, gets no collection that it does not use. */
export const HIT_PROVIDERS: readonly FactoryProvider[] = [
  {
    provide: HitStore,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongooseHitStore(database), HitStore, HitStorage, modules),
  },
];
