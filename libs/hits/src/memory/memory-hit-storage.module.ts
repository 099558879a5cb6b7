import { Module, type DynamicModule } from '@nestjs/common';
import { HitStore } from '../storage/hit-store.js';
import { MemoryHitStore } from './memory-hit.store.js';

/** Hits in memory for the whole application: for development, tests, and counts that may be lost with the process. */
@Module({})
export class MemoryHitStorageModule {
  static forRoot(): DynamicModule {
    return {
      module: MemoryHitStorageModule,
      global: true,
      providers: [{ provide: HitStore, useFactory: () => new MemoryHitStore() }],
      exports: [HitStore],
    };
  }
}
