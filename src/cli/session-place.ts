import { existsSync } from 'node:fs';
import type { SessionPlace } from './copy-sessions.js';
import { CommandRefused } from './failures.js';

export interface OpenPlace extends SessionPlace {
  close(): Promise<void>;
}

const SQLITE = 'sqlite:';
const ENVIRONMENT = 'env:';
const WITH_PASSWORD = /^[^/]+:\/\/[^/?#@]*:[^/?#]*@/;

/** @param given `sqlite:FILE`, `mongodb://…`, `mongodb+srv://…`, or `env:NAME` for a variable that holds one of these */
export async function openPlace(option: string, given: string, mustExist: boolean): Promise<OpenPlace> {
  const address = addressOf(option, given);
  if (address.startsWith(SQLITE)) return openSqlite(option, address.slice(SQLITE.length), mustExist);
  if (/^mongodb(\+srv)?:\/\/[^/?]/.test(address)) return openMongodb(option, address);
  throw refused(`${option}: expected sqlite:FILE, mongodb://HOST:PORT/DATABASE or mongodb+srv://NAME/DATABASE.`);
}

function addressOf(option: string, given: string): string {
  if (given.startsWith(ENVIRONMENT)) {
    const name = given.slice(ENVIRONMENT.length);
    const address = process.env[name];
    if (!address) throw refused(`${option}: the environment has no ${name}.`);
    return address;
  }
  if (WITH_PASSWORD.test(given)) {
    const why = 'everybody on this machine can read a password on the command line';
    throw refused(`${option}: ${why}; put the address in a variable, and give env:NAME.`);
  }
  return given;
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
