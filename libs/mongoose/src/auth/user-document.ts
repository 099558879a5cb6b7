import {
  KNOWN_NETWORKS,
  newUserRecord,
  type UserChanges,
  type UserExpectation,
  type UserRecord,
} from 'nest-gatehouse/auth/storage';
import type { mongo } from 'mongoose';
import type { UserDocument } from './user.schema.js';

export function toUserDocument(user: UserRecord): UserDocument {
  const { id, roles, knownNetworks, rightsChangedAt, createdAt, passwordChangedAt, lastSignInAt, ...others } = user;
  const { oneTimeExpiresAt, oneTimeUsedAt, ...rest } = others;
  return {
    _id: id,
    ...rest,
    roles: [...roles],
    knownNetworks: [...knownNetworks],
    rightsChangedAt: new Date(rightsChangedAt),
    createdAt: new Date(createdAt),
    passwordChangedAt: toDate(passwordChangedAt),
    lastSignInAt: toDate(lastSignInAt),
    oneTimeExpiresAt: toDate(oneTimeExpiresAt),
    oneTimeUsedAt: toDate(oneTimeUsedAt),
  };
}

export function toUserRecord(document: UserDocument): UserRecord {
  const { _id, rightsChangedAt, createdAt, passwordChangedAt, lastSignInAt, ...others } = document;
  const { oneTimeExpiresAt, oneTimeUsedAt, ...rest } = others;
  return newUserRecord({
    ...rest,
    id: _id,
    rightsChangedAt: rightsChangedAt.getTime(),
    createdAt: createdAt.getTime(),
    passwordChangedAt: passwordChangedAt?.getTime() ?? null,
    lastSignInAt: lastSignInAt?.getTime() ?? null,
    oneTimeExpiresAt: oneTimeExpiresAt?.getTime() ?? null,
    oneTimeUsedAt: oneTimeUsedAt?.getTime() ?? null,
  });
}

/** Null if there is nothing to change. `undefined` counts as not given. */
export function userUpdate({
  raiseEpoch,
  ...changes
}: UserChanges): mongo.UpdateFilter<UserDocument> | mongo.Document[] | null {
  const set: mongo.Document = {};
  for (const name of FIELDS) {
    const value = changes[name];
    if (value !== undefined) set[name] = toField(name, value);
  }
  if (typeof raiseEpoch === 'number') return [{ $set: { ...literally(set), epoch: raisedAbove(raiseEpoch) } }];
  const update: mongo.Document = {};
  if (Object.keys(set).length > 0) update['$set'] = set;
  if (raiseEpoch) update['$inc'] = { epoch: 1 };
  return Object.keys(update).length > 0 ? update : null;
}

function raisedAbove(epoch: number): mongo.Document {
  return { $add: [{ $max: ['$epoch', epoch] }, 1] };
}

/** In a pipeline a text that starts with `$`, as every bcrypt hash does, would be read as the name of a field. */
function literally(set: mongo.Document): mongo.Document {
  return Object.fromEntries(Object.entries(set).map(([name, value]) => [name, { $literal: value as unknown }]));
}

export function asExpected({ passwordHash, epoch }: UserExpectation): mongo.Filter<UserDocument> {
  return {
    ...(passwordHash !== undefined && { passwordHash: { $eq: passwordHash } }),
    ...(epoch !== undefined && { epoch: { $eq: epoch } }),
  };
}

const FIELDS = [
  'passwordHash',
  'pepperId',
  'roles',
  'disabled',
  'mustChangePassword',
  'oneTimeExpiresAt',
  'oneTimeUsedAt',
  'rightsChangedAt',
  'knownNetworks',
  'passwordChangedAt',
  'lastSignInAt',
] as const satisfies readonly (keyof UserChanges)[];

const DATES: ReadonlySet<string> = new Set([
  'rightsChangedAt',
  'passwordChangedAt',
  'lastSignInAt',
  'oneTimeExpiresAt',
  'oneTimeUsedAt',
]);

/** Copies mutable values, because the driver serialises them later. */
function toField(name: string, value: UserChanges[(typeof FIELDS)[number]]): unknown {
  if (DATES.has(name)) return toDate(value as number | null);
  if (name === 'knownNetworks') return (value as string[]).slice(0, KNOWN_NETWORKS);
  return Array.isArray(value) ? [...(value as string[])] : value;
}

function toDate(milliseconds: number | null | undefined): Date | null {
  return milliseconds == null ? null : new Date(milliseconds);
}
