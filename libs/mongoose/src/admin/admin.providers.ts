import type { FactoryProvider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AdminJobs, AdminStorage } from 'nest-gatehouse/admin/storage';
import { MongooseDatabase } from '../database/mongoose-database.js';
import { preparedIfUsed } from '../database/prepared-if-used.js';
import { MongooseAdminJobs } from './mongoose-admin-jobs.js';

/** For `AdminModule`. An application without it gets no collection that it does not use. */
export const ADMIN_PROVIDERS: readonly FactoryProvider[] = [
  {
    provide: AdminJobs,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongooseAdminJobs(database), AdminJobs, AdminStorage, modules),
  },
];
