import { SqliteStorageModule } from 'nest-gatehouse/sqlite';

export const storageModule = SqliteStorageModule.forRoot({ file: 'data/sessions.db' });
