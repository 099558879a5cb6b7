import { Module, type DynamicModule } from '@nestjs/common';
import { AdminJobs } from '../storage/admin-jobs.js';
import { MemoryAdminJobs } from './memory-admin-jobs.js';

/** Jobs of administrators in memory for the whole application: for development, tests, and a single process. */
@Module({})
export class MemoryAdminStorageModule {
  static forRoot(): DynamicModule {
    return {
      module: MemoryAdminStorageModule,
      global: true,
      providers: [{ provide: AdminJobs, useFactory: () => new MemoryAdminJobs() }],
      exports: [AdminJobs],
    };
  }
}
