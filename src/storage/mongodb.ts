import type { DynamicModule } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import type { ConnectOptions } from 'mongoose';
import { MongooseStorageModule } from 'nest-gatehouse/mongoose';
import { ConfigurationError } from '../config/configuration.js';
import type { Configuration } from '../config/settings.js';

/** How long the start, and every operation after it, waits for a server at most. */
const SERVER_SELECTION = 3_000;
const DATABASE = 'gatehouse';

class MongodbModule {}

/** Loaded where MongoDB was chosen, and only there. The start fails with `ConfigurationError` or what `MongooseDatabase.open` throws. */
export function mongodbStorage(configuration: Configuration): DynamicModule {
  const { MONGODB_URI, MONGODB_AUTO_INDEX, STORE_DEADLINE } = configuration;
  return {
    module: MongodbModule,
    imports: [
      MongooseModule.forRoot(MONGODB_URI, {
        ...connectOptions(MONGODB_URI),
        // Whoever starts the server learns at once what is wrong; whatever supervises it starts it again.
        retryAttempts: 0,
        connectionErrorFactory: (error) => new ConfigurationError([`MONGODB_URI: ${connectFault(error, MONGODB_URI)}`]),
      }),
      MongooseStorageModule.forRoot({
        autoIndex: MONGODB_AUTO_INDEX,
        operationDeadline: Math.min(Math.max(STORE_DEADLINE, 100), 60_000),
      }),
    ],
  };
}

export function connectOptions(uri: string): ConnectOptions {
  return {
    appName: 'gatehouse',
    serverSelectionTimeoutMS: SERVER_SELECTION,
    // What a visitor was told is saved is in the journal, on a server that stands alone too.
    writeConcern: { w: 'majority', journal: true },
    ...(!databaseOf(uri) && { dbName: DATABASE }),
  };
}

function databaseOf(uri: string): string | undefined {
  return /^[^/]+:\/\/[^/?]+\/([^?]+)/.exec(uri)?.[1];
}

const AUTHENTICATION_FAILED = 18;

/** In words of ours: the driver's own may quote the URI, which may hold a password. */
export function connectFault(error: Error, uri: string): string {
  const { code, name } = error as Error & { code?: unknown };
  if (code === AUTHENTICATION_FAILED) return 'the server refuses this user and password; correct them, or authSource';
  if (name === 'MongooseServerSelectionError') {
    const hosts = /^[^/]+:\/\/(?:[^/?]*@)?([^/?]+)/.exec(uri)?.[1];
    return `no server answers at ${hosts} within ${SERVER_SELECTION / 1_000} s; start it, or correct the address (and replicaSet or tls, where they are given)`;
  }
  if (code === 'ENOTFOUND' || code === 'ENODATA')
    return 'there is no SRV record of this name; correct it, or use mongodb://';
  return `cannot be used (${name}); correct the connection string, such as mongodb://HOST:27017/gatehouse`;
}
