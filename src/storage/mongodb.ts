import type { DynamicModule } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import type { ConnectOptions } from 'mongoose';
import { MongooseStorageModule } from 'nest-gatehouse/mongoose';
import { ConfigurationError } from '../config/configuration.error.js';
import type { MongodbLogin } from '../config/mongodb-login.js';
import type { Configuration } from '../config/settings.js';

/** The longest wait of the start, and of every later operation, for a server. */
const SERVER_SELECTION = 3_000;
const DATABASE = 'gatehouse';

class MongodbModule {}

/**
 * Loaded only if MongoDB was chosen. The start fails with `ConfigurationError` or what `MongooseDatabase.open` throws.
 */
export function mongodbStorage(configuration: Configuration): DynamicModule {
  const { MONGODB_URI, MONGODB_LOGIN, MONGODB_AUTO_INDEX, STORE_DEADLINE } = configuration;
  return {
    module: MongodbModule,
    imports: [
      MongooseModule.forRoot(MONGODB_URI, {
        ...connectOptions(MONGODB_URI, MONGODB_LOGIN),
        // Fail at once instead of retrying: the operator sees the fault, and a supervisor restarts the server.
        retryAttempts: 0,
        connectionErrorFactory: (error) => {
          const name = MONGODB_LOGIN ? 'GATEHOUSE_CONFIG' : 'MONGODB_URI';
          return new ConfigurationError([`${name}: ${connectFault(error, MONGODB_URI)}`]);
        },
      }),
      MongooseStorageModule.forRoot({
        autoIndex: MONGODB_AUTO_INDEX,
        operationDeadline: Math.min(Math.max(STORE_DEADLINE, 100), 60_000),
      }),
    ],
  };
}

export function connectOptions(uri: string, login?: MongodbLogin): ConnectOptions {
  return {
    appName: 'gatehouse',
    serverSelectionTimeoutMS: SERVER_SELECTION,
    // Confirmed writes are in the journal, also on a standalone server.
    writeConcern: { w: 'majority', journal: true },
    ...(!databaseOf(uri) && { dbName: DATABASE }),
    ...(login && { auth: { username: login.username, password: login.password }, authSource: login.authSource }),
  };
}

function databaseOf(uri: string): string | undefined {
  return /^[^/]+:\/\/[^/?]+\/([^?]+)/.exec(uri)?.[1];
}

const AUTHENTICATION_FAILED = 18;

/** In our own words, because the driver's message may quote the URI with its password. */
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
