import { Injectable } from '@nestjs/common';
import { StorageHealth } from 'nest-gatehouse/session/storage';
import { SqliteDatabase } from './sqlite.database.js';

/** Whether the SQLite file can be written durably, has room, is whole, and is still where it was opened. */
@Injectable()
export class SqliteStorageHealth extends StorageHealth {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override check(): Promise<void> {
    return this.database.ping();
  }
}
