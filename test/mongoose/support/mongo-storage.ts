import { randomBytes } from 'node:crypto';
import mongoose, { type Connection, type ConnectOptions, type mongo } from 'mongoose';
import type { Clock } from 'nest-gatehouse/common';
import {
  MongooseAnonymousSessions,
  MongooseDatabase,
  MongooseSessionIndex,
  MongooseSessionLocks,
  MongooseSessionStore,
  type MongooseStorageOptions,
} from 'nest-gatehouse/mongoose';
import { FakeClock } from '../../support/apps/fake-clock.js';
import { mongodOfRun } from '../../support/mongod/mongod-run.js';

export interface MongoStorage {
  readonly connection: Connection;
  readonly database: MongooseDatabase;
  readonly store: MongooseSessionStore;
  readonly index: MongooseSessionIndex;
  readonly anonymous: MongooseAnonymousSessions;
  readonly locks: MongooseSessionLocks;
  readonly commands: SentCommands;
  close(): Promise<void>;
  /** Drops the database too. */
  discard(): Promise<void>;
}

export interface MongoStorageOptions extends MongooseStorageOptions {
  uri?: string;
  databaseName?: string;
  connect?: ConnectOptions;
}

export function freshDatabaseName(): string {
  return `gatehouse_${randomBytes(6).toString('hex')}`;
}

/** A connection as an application makes it. */
export async function connect(databaseName: string, options: ConnectOptions = {}, uri?: string): Promise<Connection> {
  const server = uri ?? (await mongodOfRun())!.uri;
  return mongoose.createConnection(server, { dbName: databaseName, monitorCommands: true, ...options }).asPromise();
}

/** One instance of an application on its own connection. */
export async function openMongoStorage(
  clock: Clock = new FakeClock(),
  {
    uri,
    databaseName = freshDatabaseName(),
    connect: connectOptions,
    operationDeadline = '30s',
    ...options
  }: MongoStorageOptions = {},
): Promise<MongoStorage> {
  const connection = await connect(databaseName, connectOptions, uri);
  const commands = new SentCommands(connection);
  const database = await MongooseDatabase.open(connection, { ...options, operationDeadline }).catch(
    async (error: unknown) => {
      await connection.close();
      throw error;
    },
  );
  commands.clear();
  return {
    connection,
    database,
    store: new MongooseSessionStore(database, clock),
    index: new MongooseSessionIndex(database, clock),
    anonymous: new MongooseAnonymousSessions(database),
    locks: new MongooseSessionLocks(database),
    commands,
    close: () => connection.close(),
    discard: async () => {
      await connection.dropDatabase();
      await connection.close();
    },
  };
}

/** The commands that the driver really puts on the wire. */
export class SentCommands {
  #sent: mongo.CommandStartedEvent[] = [];

  constructor(connection: Connection) {
    connection.getClient().on('commandStarted', (event) => this.#sent.push(event));
  }

  get names(): string[] {
    return this.#sent.map(({ commandName }) => commandName);
  }

  get bodies(): mongo.Document[] {
    return this.#sent.map(({ command }) => command);
  }

  clear(): void {
    this.#sent = [];
  }

  /** The names of what `work` makes the driver send. */
  async during(work: () => unknown): Promise<string[]> {
    this.clear();
    await work();
    return this.names;
  }
}
