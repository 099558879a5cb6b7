export { SqliteFileError } from './sqlite-file.error.js';
export { SqliteSessionIndex } from './sqlite-session.index.js';
export { SqliteSessionLocks } from './sqlite-session.locks.js';
export { SqliteSessionStore } from './sqlite-session.store.js';
export { SqliteStorageModule, type SqliteStorageAsyncOptions } from './sqlite-storage.module.js';
export { SqliteDatabase } from './sqlite.database.js';
export type { SqliteStorageOptions } from './sqlite.options.js';
