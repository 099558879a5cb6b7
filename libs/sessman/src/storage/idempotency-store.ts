import type { Awaitable } from 'nest-gatehouse/common';

/** Names one request: keys of one API key know nothing of those of another. */
export interface IdempotencyName {
  /** The id of the API key. */
  readonly keyId: string;
  /** The idempotency key, as the client sent it. */
  readonly key: string;
}

export interface IdempotencyClaim extends IdempotencyName {
  /** What the request is: another one with the same key is refused. */
  readonly fingerprint: string;
  /** Random, of this attempt alone. */
  readonly owner: string;
  /** Times are milliseconds since the epoch. */
  readonly now: number;
  /** From then on the attempt counts as dead if it has not been completed, and the key is free again. */
  readonly leaseUntil: number;
  /** When the record is forgotten. */
  readonly expiresAt: number;
}

export type ClaimOutcome =
  /** The request is to be carried out: by this attempt, and nobody else until its lease is over. */
  | { readonly status: 'claimed' }
  | { readonly status: 'running'; readonly leaseUntil: number }
  | { readonly status: 'done'; readonly answer: string }
  /** The key belongs to another request, which is done or still running. */
  | { readonly status: 'reused' };

export interface IdempotencyCompletion extends IdempotencyName {
  readonly owner: string;
  readonly answer: string;
  readonly expiresAt: number;
}

export type IdempotencyRelease = IdempotencyName & Pick<IdempotencyClaim, 'owner'>;

/**
 * Remembers which requests of an API key have been answered, and how. The class is its own injection token. Each method
 * is atomic, among processes too.
 */
export abstract class IdempotencyStore {
  /** A record that has expired, or whose attempt is dead, counts as absent, whatever its fingerprint. */
  abstract claim(claim: IdempotencyClaim): Awaitable<ClaimOutcome>;

  /**
   * Keeps the answer of a claimed request. Durable once this resolves.
   * @returns whether it was kept; false if the claim has passed to another attempt or is done
   */
  abstract complete(completion: IdempotencyCompletion): Awaitable<boolean>;

  /** Forgets a claim that was refused, so that the key is free again. That of another attempt, or a done one, stays. */
  abstract release(claim: IdempotencyRelease): Awaitable<void>;

  /** Removes at most `limit` records that have expired. @returns how many */
  abstract sweep(now: number, limit: number): Awaitable<number>;
}
