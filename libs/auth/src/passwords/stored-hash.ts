import type { UserRecord } from '../storage/user-store.js';

/** What is stored of a password. */
export type HashedPassword = Pick<UserRecord, 'passwordHash' | 'pepperId'>;

/** The `pepperId` of a hash that we have made without a pepper. Null: it is unknown who made it. */
export const NO_PEPPER = '';

/** The highest bcrypt cost that is accepted, also for `bcryptCost`: more takes too long. */
export const MAX_COST = 18;

/** What went into bcrypt: our digest of the password, or the password itself, as other programs do it. */
export type HashInput = 'digest' | 'plain';

export interface BcryptHash {
  /** As the bcrypt package reads it. */
  readonly text: string;
  readonly cost: number;
  /** What may have been hashed, the more likely first. */
  readonly inputs: readonly HashInput[];
}

const BCRYPT = /^\$2([aby])\$(\d\d)(\$[./A-Za-z0-9]{53})$/;

/**
 * Null if the hash is not bcrypt. Our hashes are `$2b$` and have a `pepperId`; a `$2b$` without one is from our first
 * releases or from another program, so both inputs have to be tried.
 */
export function readBcrypt({ passwordHash, pepperId }: HashedPassword): BcryptHash | null {
  const match = passwordHash === null ? null : BCRYPT.exec(passwordHash);
  if (!match) return null;
  const [, minor, cost, rest] = match as unknown as [string, string, string, string];
  // PHP's `$2y$` is the same as `$2b$`, but the package does not know that name.
  return {
    text: `$2${minor === 'a' ? 'a' : 'b'}$${cost}${rest}`,
    cost: Number(cost),
    inputs: inputsOf(minor, pepperId),
  };
}

/** How much work it takes to refuse a password for this hash, in rounds of bcrypt: a power of two. */
export function workOf(stored: HashedPassword): number {
  const hash = readBcrypt(stored);
  return hash && hash.cost <= MAX_COST ? hash.inputs.length * 2 ** hash.cost : 0;
}

function inputsOf(minor: string, pepperId: string | null | undefined): readonly HashInput[] {
  if (typeof pepperId === 'string') return ['digest'];
  return minor === 'b' ? ['digest', 'plain'] : ['plain'];
}
