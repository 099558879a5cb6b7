import { mongo } from 'mongoose';
import { type StoreFailure, StoreUnavailableError } from 'nest-gatehouse/common';

const DUPLICATE_KEY = 11_000;
const OUT_OF_DISK_SPACE = 14_031;

const MESSAGES: Record<StoreFailure, string> = {
  busy: 'The session store did not answer in time or could not be reached; the outcome of a write is unknown. It recovers by itself once the database is back.',
  full: 'The session store has no room left; give its database more disk space.',
  corrupt: 'The session store refused an operation; see the cause, and the permissions and version of the database.',
  io: 'The session store could not read or write its files; see the cause.',
  closed: 'The session store is closed.',
};

export function unavailable(failure: StoreFailure, cause?: unknown): StoreUnavailableError {
  return new StoreUnavailableError(failure, MESSAGES[failure], cause);
}

/** Converts an error of the driver to one of the library. Other errors are returned unchanged. */
export function storeFailure(error: unknown): unknown {
  return error instanceof mongo.MongoError ? unavailable(failureOf(error), error) : error;
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

function failureOf(error: mongo.MongoError): StoreFailure {
  if (error instanceof mongo.MongoServerError && error.code === OUT_OF_DISK_SPACE) return 'full';
  if (error instanceof mongo.MongoNotConnectedError || error instanceof mongo.MongoClientClosedError) return 'closed';
  return 'busy';
}
