import type { Awaitable } from 'nest-gatehouse/common';

export const API_KEY_SCOPES = ['sessions:read', 'sessions:write', 'sessions:list'] as const;

export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

/** One API key. Times are milliseconds since the epoch. A record is a value; no store shares one by reference. */
export interface ApiKeyRecord {
  /** The public part of the key: unique, never reused. */
  readonly id: string;
  /** SHA-256 of the secret part, which is stored nowhere. */
  readonly secretHash: string;
  /** Of the secret before the last rotation; null if it was replaced at once, or never. */
  readonly formerSecretHash: string | null;
  /** Until when the former secret is accepted; 0 if there is none. */
  readonly formerSecretUntil: number;
  /** Whose sessions the key opens: it sees those of its own namespace only. */
  readonly namespace: string;
  readonly scopes: readonly ApiKeyScope[];
  /** The account without which the key is refused; null for a key of nobody's. */
  readonly ownerId: string | null;
  readonly createdAt: number;
  /** Null for a key that does not expire. An expired key is kept, and refused, until it is deleted. */
  readonly expiresAt: number | null;
  /** At most one update a minute; null for a key that was never used. */
  readonly lastUsedAt: number | null;
}

export interface ApiKeyRotation extends Pick<ApiKeyRecord, 'secretHash' | 'formerSecretHash' | 'formerSecretUntil'> {
  /** What the secret's hash must still be, so that of two rotations at once only one happens. */
  readonly expectedSecretHash: string;
}

/** `stale`: another rotation was first. `gone`: there is no such key. */
export type ApiKeyRotationOutcome = 'rotated' | 'stale' | 'gone';

export interface ApiKeyPage {
  /** 1 to 200. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
}

export interface ApiKeyList {
  /** Newest first; by id, descending, if created at the same time. */
  readonly items: readonly ApiKeyRecord[];
  readonly next: string | null;
}

export class ApiKeyExistsError extends Error {
  constructor(id: string) {
    super(`There is an API key with the id ${id} already.`);
    this.name = 'ApiKeyExistsError';
  }
}

/**
 * Keeps API keys. The class is its own injection token. Each method is atomic, among processes too. One that cannot do
 * its work throws; it never answers "no such key" instead.
 */
export abstract class ApiKeyStore {
  /** Durable once this resolves. @throws ApiKeyExistsError */
  abstract insert(record: ApiKeyRecord): Awaitable<void>;

  /** Also an expired key. A deletion that has resolved is seen at once, by every process. */
  abstract read(id: string): Awaitable<ApiKeyRecord | null>;

  /** @throws BadCursorError */
  abstract list(page: ApiKeyPage): Awaitable<ApiKeyList>;

  /** Changes the secrets alone. Durable once this resolves. */
  abstract rotate(id: string, rotation: ApiKeyRotation): Awaitable<ApiKeyRotationOutcome>;

  /**
   * Sets `lastUsedAt` by one conditional write: only if it is null, or at least `interval` milliseconds before `at`. An
   * unknown id is no error.
   */
  abstract used(id: string, at: number, interval: number): Awaitable<void>;

  /** Durable once this resolves. @returns whether there was such a key */
  abstract delete(id: string): Awaitable<boolean>;

  /** All keys of one account. Durable once this resolves. @returns how many */
  abstract deleteByOwner(ownerId: string): Awaitable<number>;
}
