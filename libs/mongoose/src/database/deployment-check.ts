import type { mongo } from 'mongoose';
import type { Runner } from './operation.js';

const MONGODB_4_4 = 9;

/** The database, or the connection to it, cannot fulfil the contract of a session store. */
export class StorageDeploymentError extends Error {
  constructor(fault: string) {
    super(`MongooseStorageModule cannot use this connection: ${fault}`);
    this.name = 'StorageDeploymentError';
  }
}

/** @throws StorageDeploymentError */
export async function checkDeployment(database: Runner, client: mongo.MongoClient): Promise<void> {
  // Mongoose allows unacknowledged writes, but a session store must know whether a write was done.
  if (client.options.writeConcern?.w === 0) {
    throw new StorageDeploymentError(
      "its write concern is w=0, which never tells whether a save was done; remove it or use w='majority'.",
    );
  }
  const hello = await database.run(({ db }, within) => db.command({ hello: 1 }, within));
  if (Number(hello['maxWireVersion']) < MONGODB_4_4) {
    throw new StorageDeploymentError('the server is older than MongoDB 4.4; upgrade it.');
  }
}
