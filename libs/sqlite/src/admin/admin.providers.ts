import type { FactoryProvider } from '@nestjs/common';
import { AdminJobs } from 'nest-gatehouse/admin/storage';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { SqliteAdminJobs } from './sqlite-admin-jobs.js';

/** For `AdminModule`, if the application imports it; otherwise unused. */
export const ADMIN_PROVIDERS: readonly FactoryProvider[] = [
  {
    provide: AdminJobs,
    inject: [SqliteDatabase],
    useFactory: (database: SqliteDatabase) => new SqliteAdminJobs(database),
  },
];
