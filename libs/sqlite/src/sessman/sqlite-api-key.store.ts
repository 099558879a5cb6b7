import { Injectable } from '@nestjs/common';
import type { Awaitable } from 'nest-gatehouse/common';
import {
  ApiKeyExistsError,
  type ApiKeyList,
  apiKeyPage,
  type ApiKeyPage,
  type ApiKeyPosition,
  type ApiKeyRecord,
  type ApiKeyRotation,
  type ApiKeyRotationOutcome,
  ApiKeyStore,
  decodeApiKeyCursor,
} from 'nest-gatehouse/sessman/storage';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';
import { toText } from '../driver/sqlite-text.js';
import { API_KEY_COLUMNS, API_KEY_PLACES, apiKeyOf, rowOfApiKey } from './api-key-row.js';

const BY_ID = `SELECT ${API_KEY_COLUMNS} FROM api_keys WHERE id = ?`;
const INSERT = `INSERT INTO api_keys (${API_KEY_COLUMNS}) VALUES (${API_KEY_PLACES}) ON CONFLICT DO NOTHING`;
const REPLACE = `UPDATE api_keys SET (${API_KEY_COLUMNS}) = (${API_KEY_PLACES}) WHERE id = ?`;
const NEWEST = `SELECT ${API_KEY_COLUMNS} FROM api_keys INDEXED BY api_keys_by_creation`;
const FIRST_PAGE = `${NEWEST} ORDER BY created_at DESC, id DESC LIMIT ?`;
const NEXT_PAGE = `${NEWEST} WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`;
const USED = 'UPDATE api_keys SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)';
const DELETE = 'DELETE FROM api_keys WHERE id = ?';
const DELETE_OWNED = 'DELETE FROM api_keys INDEXED BY api_keys_by_owner WHERE owner_id = ?';

/** API keys in one SQLite file. Reads are synchronous; all but the last use survives a power cut once confirmed. */
@Injectable()
export class SqliteApiKeyStore extends ApiKeyStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override async insert(record: ApiKeyRecord): Promise<void> {
    const row = rowOfApiKey(record);
    const { id } = record;
    const { changes } = await this.database.write(() => this.database.statement(INSERT).run(...row), 'durable');
    if (Number(changes) === 0) throw new ApiKeyExistsError(id);
  }

  override read(id: string): Awaitable<ApiKeyRecord | null> {
    return this.database.read(() => this.#find(id));
  }

  override async list({ limit, cursor }: ApiKeyPage): Promise<ApiKeyList> {
    const after = cursor === undefined ? null : decodeApiKeyCursor(cursor);
    return apiKeyPage(await this.database.read(() => this.#page(after, limit + 1)), limit);
  }

  override rotate(id: string, { expectedSecretHash, ...rotation }: ApiKeyRotation): Promise<ApiKeyRotationOutcome> {
    const { secretHash, formerSecretHash, formerSecretUntil } = rotation;
    return this.database.write<ApiKeyRotationOutcome>(
      () => {
        const key = this.#find(id);
        if (!key) return 'gone';
        if (key.secretHash !== expectedSecretHash) return 'stale';
        const rotated = { ...key, secretHash, formerSecretHash, formerSecretUntil };
        this.database.statement(REPLACE).run(...rowOfApiKey(rotated), toText(id));
        return 'rotated';
      },
      'durable',
      'little',
    );
  }

  override async used(id: string, at: number, interval: number): Promise<void> {
    await this.database.write(() => this.database.statement(USED).run(at, toText(id), at - interval));
  }

  override delete(id: string): Promise<boolean> {
    const remove = () => Number(this.database.statement(DELETE).run(toText(id)).changes) > 0;
    return this.database.write(remove, 'durable', 'end');
  }

  override deleteByOwner(ownerId: string): Promise<number> {
    const remove = () => Number(this.database.statement(DELETE_OWNED).run(toText(ownerId)).changes);
    return this.database.write(remove, 'durable', 'end');
  }

  #page(after: ApiKeyPosition | null, limit: number): ApiKeyRecord[] {
    const rows =
      after === null
        ? this.database.statement(FIRST_PAGE, true).all(limit)
        : this.database.statement(NEXT_PAGE, true).all(after.createdAt, toText(after.id), limit);
    return Array.from(rows, (row) => apiKeyOf(valuesOf(row)));
  }

  #find(id: string): ApiKeyRecord | null {
    const row = this.database.statement(BY_ID, true).get(toText(id));
    return row === undefined ? null : apiKeyOf(valuesOf(row));
  }
}
