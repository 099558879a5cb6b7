import { duration, type Duration, optionsObject, parseOptions } from 'nest-gatehouse/common';
import { z } from 'zod';

export interface MongooseStorageOptions {
  /**
   * The prefix of the names of the collections: `<prefix>sessions`, `<prefix>user_epochs`, `<prefix>session_locks`, and
   * with `AuthModule` `<prefix>users`, `<prefix>login_attempts`, `<prefix>audit_log`. Two applications on one database
   * need two prefixes. Letters, digits, `_` and `-`. Default `'gatehouse_'`.
   */
  collectionPrefix?: string;
  /**
   * How long one operation may take, including the wait for a primary, in milliseconds or as `'2s'`. After that it
   * fails with StoreUnavailableError, and it is unknown whether a write was done. Applies regardless of the
   * connection's `serverSelectionTimeoutMS` and `socketTimeoutMS`. With more than 10 s, requests pile up during a
   * failover. `'100ms'` to `'1m'`. Default `'2s'`.
   */
  operationDeadline?: Duration;
  /**
   * Whether missing indexes are created at start, and a TTL index with another time is changed. If false they are only
   * checked, and the start fails with the commands that an operator should run. Default: the connection's own
   * `autoIndex`, which is true unless set.
   */
  autoIndex?: boolean;
  /**
   * How long after its expiry MongoDB's TTL task removes a session that was not swept; this emits no event. If every
   * end must be emitted, it must be longer than the application may be down or behind with sweeping. `'1m'` to 68
   * years. Default `'1h'`.
   */
  ttlGrace?: Duration;
}

export interface ResolvedMongooseStorageOptions {
  readonly collectionPrefix: string;
  readonly operationDeadline: number;
  /** Undefined: the connection's own setting. */
  readonly autoIndex?: boolean;
  readonly ttlGrace: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
// The largest `expireAfterSeconds`.
const MAX_TTL = (2 ** 31 - 1) * SECOND;

const CONNECTION =
  'connect with MongooseModule.forRoot(uri) of @nestjs/mongoose; this module takes its connection, or the one of connectionName';
const BY_MODULE = 'write idleTimeout and absoluteTimeout of SessionModule';

/** What people write for connect-mongo, and what to write for it here. */
const FOREIGN_OPTIONS: Readonly<Record<string, string>> = {
  uri: CONNECTION,
  mongoUrl: CONNECTION,
  mongoOptions: CONNECTION,
  client: CONNECTION,
  clientPromise: CONNECTION,
  dbName: CONNECTION,
  collectionName: "write collectionPrefix: 'gatehouse_'; there are several collections",
  ttl: BY_MODULE,
  touchAfter: 'write touchInterval of SessionModule',
  autoRemove: 'leave it out: SessionModule sweeps every sweepInterval, and an index with a TTL does so after ttlGrace',
  autoRemoveInterval: 'write sweepInterval of SessionModule',
  crypto:
    'leave it out: the secret of a session is stored as a hash only; encrypt the disk, or the fields of your data',
  stringify: 'leave it out: data is stored key by key',
};

const mongooseStorageOptions = optionsObject(
  {
    collectionPrefix: z
      .string()
      .regex(/^[A-Za-z0-9_-]{0,64}$/, "expected at most 64 letters, digits, '_' or '-'; use 'gatehouse_' if in doubt")
      .default('gatehouse_'),
    operationDeadline: duration
      .refine((ms) => ms >= 100 && ms <= MINUTE, "expected '100ms' to '1m'; use '2s' if in doubt")
      .default(2 * SECOND),
    autoIndex: z.boolean("expected true or false; leave it out to follow the connection's autoIndex").optional(),
    ttlGrace: duration
      .refine((ms) => ms >= MINUTE && ms <= MAX_TTL, "expected '1m' to 68 years; use '1h' if in doubt")
      .default(60 * MINUTE),
  },
  { elsewhere: FOREIGN_OPTIONS },
);

/** @throws OptionsError */
export function resolveMongooseStorageOptions(options: MongooseStorageOptions = {}): ResolvedMongooseStorageOptions {
  return parseOptions('MongooseStorageModule', mongooseStorageOptions, options);
}
