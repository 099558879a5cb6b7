import type { Connection, mongo, Schema } from 'mongoose';
import { beforeDeadline } from './before-deadline.js';
import type { Collections, DurableWithinDeadline, Operation, Runner, WithinDeadline } from './operation.js';
import { checkDeployment } from './deployment-check.js';
import { ensureIndexes } from './index-check.js';
import {
  resolveMongooseStorageOptions,
  type MongooseStorageOptions,
  type ResolvedMongooseStorageOptions,
} from '../mongoose.options.js';
import { sessionLockSchema, type SessionLockDocument } from '../schema/session-lock.schema.js';
import { sessionSchema, type SessionDocument } from '../schema/session.schema.js';
import { unavailable } from './store-failure.js';
import { userEpochSchema, type UserEpochDocument } from '../schema/user-epoch.schema.js';

/** The collections of one application, on a connection that the application opens and closes. */
export class MongooseDatabase implements Runner {
  #collections: Collections | undefined;

  private constructor(
    private readonly connection: Connection,
    private readonly options: ResolvedMongooseStorageOptions,
  ) {}

  /**
   * Creates or verifies the indexes; the models `GatehouseSession`, `GatehouseUserEpoch` and `GatehouseSessionLock` are
   * registered on the connection afterwards.
   *
   * @throws OptionsError, StorageIndexError, StorageDeploymentError, StoreUnavailableError
   */
  static async open(connection: Connection, options?: MongooseStorageOptions): Promise<MongooseDatabase> {
    const resolved = resolveMongooseStorageOptions(options);
    const database = new MongooseDatabase(connection, resolved);
    await checkDeployment(database, connection.getClient());
    await database.prepare('GatehouseSession', 'sessions', sessionSchema(resolved.ttlGrace));
    await database.prepare('GatehouseUserEpoch', 'user_epochs', userEpochSchema());
    await database.prepare('GatehouseSessionLock', 'session_locks', sessionLockSchema());
    return database;
  }

  /**
   * Creates or verifies the indexes of a collection, whose model is registered on the connection afterwards. @param
   * name without the prefix
   *
   * @throws StorageIndexError, StoreUnavailableError
   */
  async prepare<T>(model: string, name: string, schema: Schema<T>): Promise<void> {
    const { connection, options } = this;
    const make = options.autoIndex ?? connectionsAutoIndex(connection) ?? true;
    const collection = options.collectionPrefix + name;
    await ensureIndexes(this, collection, schema.indexes(), make);
    if (!(model in connection.models)) connection.model(model, schema, collection);
  }

  /** @param name without the prefix. @throws StoreUnavailableError while there is no connection */
  collection<T extends mongo.Document>(name: string): mongo.Collection<T> {
    return this.#open().db.collection<T>(this.options.collectionPrefix + name, FROM_PRIMARY);
  }

  get operationDeadline(): number {
    return this.options.operationDeadline;
  }

  get client(): mongo.MongoClient {
    return this.connection.getClient();
  }

  /**
   * Runs one operation, which must pass its options to the driver.
   *
   * @throws StoreUnavailableError instead of any error of the driver, and at the deadline
   */
  run<T>(work: Operation<T, WithinDeadline>, deadline = this.operationDeadline): Promise<T> {
    return beforeDeadline(deadline, (signal) => work(this.#open(), { maxTimeMS: deadline, signal }));
  }

  /**
   * For writes that neither a failover nor a crash of mongod may undo once they are confirmed, whatever write concern
   * the connection has. In a replica set `majority` includes the journal by default; a standalone server would keep up
   * to 100 ms in memory only.
   */
  runDurably<T>(work: Operation<T, DurableWithinDeadline>): Promise<T> {
    const deadline = this.operationDeadline;
    const writeConcern = { w: 'majority', journal: true, wtimeoutMS: deadline } as const;
    return beforeDeadline(deadline, (signal) => work(this.#open(), { maxTimeMS: deadline, signal, writeConcern }));
  }

  #open(): Collections {
    const { db } = this.connection;
    // Mongoose would queue the operation until there is a connection, up to its own buffer timeout.
    if (!db) throw unavailable('closed');
    if (this.#collections?.db === db) return this.#collections;
    const { collectionPrefix } = this.options;
    this.#collections = {
      db,
      sessions: db.collection<SessionDocument>(`${collectionPrefix}sessions`, FROM_PRIMARY),
      epochs: db.collection<UserEpochDocument>(`${collectionPrefix}user_epochs`, FROM_PRIMARY),
      locks: db.collection<SessionLockDocument>(`${collectionPrefix}session_locks`, FROM_PRIMARY),
    };
    return this.#collections;
  }
}

function connectionsAutoIndex(connection: Connection): boolean | undefined {
  const { base, config } = connection as {
    base?: { get(name: 'autoIndex'): boolean | undefined };
    config: { autoIndex?: boolean };
  };
  return config.autoIndex ?? base?.get('autoIndex');
}

// `local` on the primary sees an end before it is on the majority; `majority` would see it later, and might miss one's
// own writes.
const FROM_PRIMARY = {
  readPreference: 'primary',
  readConcern: { level: 'local' },
  promoteBuffers: true,
  promoteLongs: true,
  promoteValues: true,
} as const satisfies mongo.CollectionOptions;
