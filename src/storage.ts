import type { DynamicModule } from '@nestjs/common';
import { MemoryStorageModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import type { Configuration } from './config/settings.js';

type Storage = Configuration['STORAGE'];

/** Everything the server knows of its backends: one line for each. */
const STORAGES: Readonly<Record<Storage, (configuration: Configuration) => DynamicModule>> = {
  sqlite: ({ SQLITE_FILE }) => SqliteStorageModule.forRoot({ file: SQLITE_FILE }),
  memory: () => MemoryStorageModule.forRoot(),
};

export function storageModule(configuration: Configuration): DynamicModule {
  return STORAGES[configuration.STORAGE](configuration);
}
