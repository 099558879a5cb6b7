import { existsSync } from 'node:fs';
import type { SessionPlace } from './copy-sessions.js';
import { CommandRefused } from './failures.js';

export interface OpenPlace extends SessionPlace {
  close(): Promise<void>;
}

const SQLITE = 'sqlite:';

/** @param address `sqlite:FILE`, `mongodb://…` or `mongodb+srv://…` */
export async function openPlace(option: string, address: string, mustExist: boolean): Promise<OpenPlace> {
  if (address.startsWith(SQLITE)) return openSqlite(option, address.slice(SQLITE.length), mustExist);
  if (/^mongodb(\+srv)?:\/\/[^/?]/.test(address)) return openMongodb(option, address);
  throw refused(`${option}: expected sqlite:FILE, mongodb://HOST:PORT/DATABASE or mongodb+srv://NAME/DATABASE.`);
}

async function openSqlite(option: string, file: string, mustExist: boolean): Promise<OpenPlace> {
  if (mustExist && !existsSync(file)) throw refused(`${option}: there is no file ${file}.`);
  const { SqliteDatabase, SqliteSessionIndex, SqliteSessionStore } = await import('nest-gatehouse/sqlite');
  const database = await SqliteDatabase.open({ file });
  return {
    store: new SqliteSessionStore(database),
    index: new SqliteSessionIndex(database),
    close: async () => database.close(),
  };
}

async function openMongodb(option: string, uri: string): Promise<OpenPlace> {
  const { MongooseDatabase, MongooseSessionIndex, MongooseSessionStore } = await import('nest-gatehouse/mongoose');
  const { createConnection } = await import('mongoose');
  const { connectFault, connectOptions } = await import('../storage/mongodb.js');
  const connecting = async () => createConnection(uri, connectOptions(uri)).asPromise();
  const connection = await connecting().catch((error: Error) => {
    throw refused(`${option}: ${connectFault(error, uri)}.`);
  });
  try {
    const database = await MongooseDatabase.open(connection, { operationDeadline: '1m' });
    return {
      store: new MongooseSessionStore(database),
      index: new MongooseSessionIndex(database),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function refused(detail: string): CommandRefused {
  return new CommandRefused(400, 'address_invalid', detail);
}
