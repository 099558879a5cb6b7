import type { Awaitable } from 'nest-gatehouse/common';

/**
 * The accounts that may own API keys. An application provides it in a global module; without it no key can be given an
 * owner, and a key that has one is refused. The class is its own injection token.
 */
export abstract class ApiKeyOwners {
  /** By username; null if there is no such account. */
  abstract find(username: string): Awaitable<{ readonly id: string } | null>;

  /** Asked with each request of a key that has an owner. False for an account that is disabled or gone. */
  abstract isActive(id: string): Awaitable<boolean>;

  /** The username, for lists; null if the account is gone. */
  abstract name(id: string): Awaitable<string | null>;
}
