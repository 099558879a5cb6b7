import { hashSecret, isSameHash, type Randomness } from 'nest-gatehouse/common';
import type { ApiKeyRecord } from '../storage/api-key-store.js';

/** What a program sends: `gh_<id>_<secret>`. Only the hash of the secret is ever stored. */
export interface ApiKeyParts {
  readonly id: string;
  readonly secret: string;
}

const ID_BYTES = 10;
// Checked before every store access: a key of another shape is never looked up.
const KEY_SHAPE = /^gh_(?<id>[0-9a-f]{20})_(?<secret>[A-Za-z0-9_-]{43})$/;
/** The hash of no secret: what an unknown key is compared with. */
const NOBODYS_HASH = '-'.repeat(43);

/** In hexadecimal digits, so that it never looks like an option of a command. */
export function newApiKeyId(randomness: Randomness): string {
  return randomness.bytes(ID_BYTES).toString('hex');
}

/** The key as it was sent, or null if it cannot be one of ours. */
export function parseApiKey(text: string): ApiKeyParts | null {
  const groups = KEY_SHAPE.exec(text)?.groups;
  return groups ? { id: groups.id!, secret: groups.secret! } : null;
}

export function formatApiKey({ id, secret }: ApiKeyParts): string {
  return `gh_${id}_${secret}`;
}

/**
 * Whether this is the key's secret, or its former one in time. Compares twice in constant time whatever the record is,
 * also if there is none.
 */
export function isSecretOf(record: ApiKeyRecord | null, secret: string, now: number): record is ApiKeyRecord {
  const presented = hashSecret(secret);
  const isCurrent = isSameHash(presented, record?.secretHash ?? NOBODYS_HASH);
  const isFormer = isSameHash(presented, record?.formerSecretHash ?? NOBODYS_HASH);
  return record !== null && (isCurrent || (isFormer && now < record.formerSecretUntil));
}
