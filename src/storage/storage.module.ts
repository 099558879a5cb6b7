import type { ModuleMetadata } from '@nestjs/common';
import { MemoryAdminStorageModule } from 'nest-gatehouse/admin';
import { MemoryAuthStorageModule } from 'nest-gatehouse/auth';
import { MemoryHitStorageModule } from 'nest-gatehouse/hits';
import { MemorySessmanStorageModule } from 'nest-gatehouse/sessman';
import { MemoryStorageModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import type { Configuration } from '../config/settings.js';

type Storage = Configuration['STORAGE'];
type Modules = NonNullable<ModuleMetadata['imports']>;

/** The storage backends of the server, one line for each. */
const STORAGES: Readonly<Record<Storage, (configuration: Configuration) => Modules>> = {
  sqlite: ({ SQLITE_FILE }) => [SqliteStorageModule.forRoot({ file: SQLITE_FILE })],
  mongoose: (configuration) => [import('./mongodb.js').then(({ mongodbStorage }) => mongodbStorage(configuration))],
  memory: () => [
    MemoryStorageModule.forRoot(),
    MemoryAuthStorageModule,
    MemorySessmanStorageModule.forRoot(),
    MemoryHitStorageModule.forRoot(),
    MemoryAdminStorageModule.forRoot(),
  ],
};

export function storageModules(configuration: Configuration): Modules {
  return STORAGES[configuration.STORAGE](configuration);
}
