import { Injectable, Optional } from '@nestjs/common';
import { Clock, hashSecret, newSecret, parseBody, Randomness } from 'nest-gatehouse/common';
import { apiKeyExpired, apiKeyNotFound, ownerInvalid, rotatedMeanwhile } from '../sessman.problems.js';
import type { ApiKeyPage, ApiKeyRecord } from '../storage/api-key-store.js';
import { SessmanStorage } from '../storage/sessman-storage.js';
import { createApiKeySchema, rotateApiKeySchema, type CreateApiKey, type RotateApiKey } from './api-key-input.js';
import { infoOf, type ApiKeyInfo, type ApiKeyInfoList, type IssuedApiKey } from './api-key-info.js';
import { ApiKeyOwners } from './api-key-owners.js';
import { formatApiKey, isSecretOf, newApiKeyId, parseApiKey } from './api-key-text.js';
import { ApiKeyEvents, eventOf, type ApiKeyActor, type ApiKeyRefusalReason } from './api-key.events.js';
import { LastUse } from './last-use.js';

/** Issues, checks and revokes API keys. All methods throw 503 `store_unavailable` if the store does not answer. */
@Injectable()
export class ApiKeys {
  constructor(
    private readonly storage: SessmanStorage,
    private readonly events: ApiKeyEvents,
    private readonly lastUse: LastUse,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
    @Optional() private readonly owners?: ApiKeyOwners,
  ) {}

  /**
   * Also takes the body of a request as it was sent.
   * @throws ProblemException 400 with `errors` that name the field, such as `namespace_invalid`
   */
  async create(given: CreateApiKey, by?: ApiKeyActor): Promise<IssuedApiKey> {
    const now = this.clock.now();
    const { owner, ...fields } = parseBody(createApiKeySchema(now), given);
    const ownerId = owner === null ? null : await this.#activeOwner(owner);
    const id = newApiKeyId(this.randomness);
    const secret = newSecret(this.randomness);
    const record: ApiKeyRecord = {
      id,
      secretHash: hashSecret(secret),
      formerSecretHash: null,
      formerSecretUntil: 0,
      ...fields,
      ownerId,
      createdAt: now,
      lastUsedAt: null,
    };
    await this.storage.ask('api_keys.insert', () => this.storage.keys.insert(record));
    this.events.emit('api_key.created', eventOf(record, by));
    return { ...(await this.#info(record)), key: formatApiKey({ id, secret }) };
  }

  /** @throws BadCursorError */
  async list(page: ApiKeyPage): Promise<ApiKeyInfoList> {
    const { items, next } = await this.storage.ask('api_keys.list', () => this.storage.keys.list(page));
    const ownerIds = new Set(items.flatMap(({ ownerId }) => ownerId ?? []));
    const names = new Map(await Promise.all([...ownerIds].map(async (id) => [id, await this.#nameOf(id)] as const)));
    return { items: items.map((record) => infoOf(record, names.get(record.ownerId ?? '') ?? null)), next };
  }

  /** @throws ProblemException 404 `api_key_not_found` */
  async read(id: string): Promise<ApiKeyInfo> {
    const record = await this.storage.ask('api_keys.read', () => this.storage.keys.read(id));
    if (!record) throw apiKeyNotFound();
    return this.#info(record);
  }

  /**
   * Gives a key a new secret; its id, namespace, scopes and expiry stay.
   * @throws ProblemException 400 `overlap_invalid`, 404 `api_key_not_found`, 409 `api_key_expired`, and 409 `conflict`
   * if it is rotated twice at once
   */
  async rotate(id: string, given: RotateApiKey = {}, by?: ApiKeyActor): Promise<IssuedApiKey> {
    const { overlap } = parseBody(rotateApiKeySchema, given);
    const now = this.clock.now();
    const record = await this.#read(id);
    if (!record) throw apiKeyNotFound();
    if (isExpired(record, now)) throw apiKeyExpired();
    const secret = newSecret(this.randomness);
    const secrets = {
      secretHash: hashSecret(secret),
      formerSecretHash: overlap > 0 ? record.secretHash : null,
      formerSecretUntil: overlap > 0 ? now + overlap : 0,
    };
    const rotation = { ...secrets, expectedSecretHash: record.secretHash };
    const outcome = await this.storage.ask('api_keys.rotate', () => this.storage.keys.rotate(id, rotation));
    if (outcome === 'gone') throw apiKeyNotFound();
    if (outcome === 'stale') throw rotatedMeanwhile();
    this.events.emit('api_key.rotated', eventOf(record, by));
    return { ...(await this.#info({ ...record, ...secrets })), key: formatApiKey({ id, secret }) };
  }

  /** Acts at once, in every process. @throws ProblemException 404 `api_key_not_found` */
  async revoke(id: string, by?: ApiKeyActor): Promise<void> {
    const record = await this.#read(id);
    const deleted = await this.storage.ask('api_keys.delete', () => this.storage.keys.delete(id));
    if (!record || !deleted) throw apiKeyNotFound();
    this.events.emit('api_key.revoked', eventOf(record, by));
  }

  /** All keys of an account, for its deletion. @returns how many */
  async revokeOwnedBy(ownerId: string): Promise<number> {
    return this.storage.ask('api_keys.delete', () => this.storage.keys.deleteByOwner(ownerId));
  }

  /**
   * The key that a program has sent, read from the store with each request. Null for one that is not accepted: unknown,
   * expired, revoked, with a wrong secret, or whose owner is gone or disabled. Without the secret the answers
   * are the same, after the same operations and comparisons: only a right secret is followed by a question about the owner.
   * A store that finds a record needs some microseconds more than one that finds none, which tells whether an id that
   * nobody can guess is there.
   * @param by from where it came, for the event of a refusal
   */
  async authenticate(text: string, by?: ApiKeyActor): Promise<ApiKeyRecord | null> {
    const parts = parseApiKey(text);
    if (!parts) return null;
    const record = await this.#read(parts.id);
    const now = this.clock.now();
    const reason = isSecretOf(record, parts.secret, now) ? await this.#refusalOf(record, now) : wrongness(record);
    if (reason) {
      const { id } = parts;
      this.events.emit('api_key.refused', { id, namespace: record?.namespace ?? null, reason, ...(by && { by }) });
      return null;
    }
    this.lastUse.note(record!, now);
    return record;
  }

  #read(id: string): Promise<ApiKeyRecord | null> {
    return this.storage.ask('api_keys.read', () => this.storage.keys.read(id));
  }

  async #refusalOf({ ownerId, ...record }: ApiKeyRecord, now: number): Promise<ApiKeyRefusalReason | null> {
    if (isExpired(record, now)) return 'expired';
    if (ownerId === null) return null;
    const isActive = await this.storage.ask('api_keys.owner', () => this.owners?.isActive(ownerId) ?? false);
    return isActive ? null : 'owner';
  }

  async #activeOwner(username: string): Promise<string> {
    const { owners } = this;
    if (!owners) throw ownerInvalid('this application has no accounts that could own a key; leave it out');
    const owner = await this.storage.ask('api_keys.owner', () => owners.find(username));
    if (!owner) throw ownerInvalid('there is no such user');
    if (!(await this.storage.ask('api_keys.owner', () => owners.isActive(owner.id)))) {
      throw ownerInvalid('this account is disabled');
    }
    return owner.id;
  }

  async #info(record: ApiKeyRecord): Promise<ApiKeyInfo> {
    const { ownerId } = record;
    return infoOf(record, ownerId === null ? null : await this.#nameOf(ownerId));
  }

  #nameOf(ownerId: string): Promise<string | null> {
    return this.storage.ask('api_keys.owner', () => this.owners?.name(ownerId) ?? null);
  }
}

function wrongness(record: ApiKeyRecord | null): ApiKeyRefusalReason {
  return record ? 'wrong_secret' : 'unknown';
}

function isExpired({ expiresAt }: Pick<ApiKeyRecord, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
