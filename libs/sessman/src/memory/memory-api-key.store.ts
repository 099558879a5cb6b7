import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { apiKeyPage, decodeApiKeyCursor, type ApiKeyPosition } from '../storage/api-key-page.js';
import {
  ApiKeyExistsError,
  ApiKeyStore,
  type ApiKeyList,
  type ApiKeyPage,
  type ApiKeyRecord,
  type ApiKeyRotation,
  type ApiKeyRotationOutcome,
} from '../storage/api-key-store.js';
import { frozenApiKey } from '../storage/frozen-api-key.js';

const MAX_KEYS = 10_000;

/** API keys in the memory of one process, bounded. Every method answers synchronously, with frozen records. */
@Injectable()
export class MemoryApiKeyStore extends ApiKeyStore {
  readonly #keys = new Map<string, ApiKeyRecord>();

  constructor(private readonly maxKeys = MAX_KEYS) {
    super();
  }

  /** @throws ApiKeyExistsError @throws StoreUnavailableError if the store is full */
  override insert(record: ApiKeyRecord): void {
    if (this.#keys.has(record.id)) throw new ApiKeyExistsError(record.id);
    if (this.#keys.size >= this.maxKeys)
      throw new StoreUnavailableError('full', `Memory keeps at most ${this.maxKeys} API keys.`);
    this.#keys.set(record.id, frozenApiKey(record));
  }

  override read(id: string): ApiKeyRecord | null {
    return this.#keys.get(id) ?? null;
  }

  override list({ limit, cursor }: ApiKeyPage): ApiKeyList {
    const after = cursor === undefined ? null : decodeApiKeyCursor(cursor);
    const found = [...this.#keys.values()].filter((key) => after === null || newestFirst(after, key) < 0);
    return apiKeyPage(found.sort(newestFirst).slice(0, limit + 1), limit);
  }

  override rotate(id: string, { expectedSecretHash, ...secrets }: ApiKeyRotation): ApiKeyRotationOutcome {
    const key = this.#keys.get(id);
    if (!key) return 'gone';
    if (key.secretHash !== expectedSecretHash) return 'stale';
    this.#keys.set(id, frozenApiKey({ ...key, ...secrets }));
    return 'rotated';
  }

  override used(id: string, at: number, interval: number): void {
    const key = this.#keys.get(id);
    if (!key || (key.lastUsedAt !== null && key.lastUsedAt > at - interval)) return;
    this.#keys.set(id, frozenApiKey({ ...key, lastUsedAt: at }));
  }

  override delete(id: string): boolean {
    return this.#keys.delete(id);
  }

  override deleteByOwner(ownerId: string): number {
    const owned = [...this.#keys.values()].filter((key) => key.ownerId === ownerId);
    for (const { id } of owned) this.#keys.delete(id);
    return owned.length;
  }
}

function newestFirst(a: ApiKeyPosition, b: ApiKeyPosition): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}
