import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { ApiKeys, ApiKeysModule } from 'nest-gatehouse/sessman';
import { SessionModule } from 'nest-gatehouse/session';
import type { ApiKeyScope } from 'nest-gatehouse/sessman/storage';
import { SqliteApiKeyStore, SqliteDatabase, SqliteIdempotencyStore, SqliteStorageModule } from 'nest-gatehouse/sqlite';
import { apiKeyStoreContract, idempotencyStoreContract } from 'nest-gatehouse/testing';
import { aClaim, anApiKey } from '../support/records/api-keys.js';
import { sessmanHarness } from './support/harnesses.js';
import { temporaryDirectory, type TemporaryDirectory } from './support/temporary-directory.js';

const sqlite = sessmanHarness();

apiKeyStoreContract('SQLite', sqlite);
idempotencyStoreContract('SQLite', sqlite);

const SYNCHRONOUS = { normal: 1, full: 2 };

describe('API keys on SQLite', () => {
  let directory: TemporaryDirectory;
  let file: string;
  let database: SqliteDatabase;
  let keys: SqliteApiKeyStore;
  let idempotency: SqliteIdempotencyStore;

  beforeEach(async () => {
    directory = temporaryDirectory();
    file = join(directory.path, 'sessman.db');
    database = await SqliteDatabase.open({ file });
    keys = new SqliteApiKeyStore(database);
    idempotency = new SqliteIdempotencyStore(database);
  });

  afterEach(async () => {
    await database.close();
    directory.remove();
  });

  const one = (sql: string) => Object.values(database.statement(sql).get() as object)[0] as unknown;

  it('keep through a power cut what was issued, rotated, revoked and answered', async () => {
    const key = anApiKey({ ownerId: 'ann' });
    const claim = aClaim();
    const secrets = { secretHash: 'h2', formerSecretHash: null, formerSecretUntil: 0 };
    const durable: readonly (() => Promise<unknown>)[] = [
      () => keys.insert(key),
      () => keys.rotate(key.id, { ...secrets, expectedSecretHash: key.secretHash }),
      () => keys.delete(key.id),
      () => keys.deleteByOwner('ann'),
      () => idempotency.complete({ ...claim, answer: 'answer' }),
    ];
    for (const write of durable) {
      await idempotency.claim({ ...claim, key: Math.random().toString() });
      expect(one('PRAGMA synchronous')).toBe(SYNCHRONOUS.normal);
      await write();
      expect(one('PRAGMA synchronous')).toBe(SYNCHRONOUS.full);
    }
    await keys.used(key.id, 1, 1);
    expect(one('PRAGMA synchronous')).toBe(SYNCHRONOUS.normal);
  });

  it.each([
    ['a scope', `scopes = '["sessions:write"]'`],
    ['a namespace', "namespace = 'shoq'"],
    ['a secret', "secret_hash = 'other'"],
    ['a former secret', "former_secret_hash = 'other'"],
    ['an overlap', 'former_secret_until = 9'],
    ['an expiry', 'expires_at = NULL'],
    ['an owner', 'owner_id = NULL'],
    ['an id', "id = 'other'"],
    ['what cannot be read', "scopes = '['"],
  ])('fail, and open nothing, where a bit of the file has flipped: %s', async (_, damage) => {
    await keys.insert(anApiKey({ ownerId: 'ann', expiresAt: 5 }));
    await database.write(() => database.statement(`UPDATE api_keys SET ${damage}`).run());
    const id = one('SELECT id FROM api_keys') as string;
    await expect((async () => keys.read(id))()).rejects.toMatchObject({ failure: 'corrupt' });
    await expect(keys.list({ limit: 1 })).rejects.toMatchObject({ failure: 'corrupt' });
    const rotation = { secretHash: 'h', formerSecretHash: null, formerSecretUntil: 0, expectedSecretHash: 'other' };
    await expect(keys.rotate(id, rotation)).rejects.toMatchObject({ failure: 'corrupt' });
    expect(await keys.delete(id)).toBe(true);
  });

  it('are written as they were given, whatever becomes of that before the write', async () => {
    const scopes: ApiKeyScope[] = ['sessions:read'];
    const rotation = { secretHash: 'h2', formerSecretHash: null, formerSecretUntil: 0, expectedSecretHash: '' };
    const key = anApiKey({ scopes });
    const claim = { ...aClaim() };
    rotation.expectedSecretHash = key.secretHash;
    const written = [keys.insert(key), keys.rotate(key.id, rotation), idempotency.claim(claim)];
    scopes.push('sessions:write');
    Object.assign(rotation, { secretHash: 'stolen' });
    Object.assign(claim, { owner: 'stolen' });
    await Promise.all(written);
    expect(await keys.read(key.id)).toMatchObject({ scopes: ['sessions:read'], secretHash: 'h2' });
    expect(one('SELECT owner FROM idempotency_keys')).toBe('attempt-1');
  });

  it('are there for ApiKeysModule where the storage module is imported, with the secret nowhere in the file', async () => {
    const imports = [SqliteStorageModule.forRoot({ file }), SessionModule.forRoot(), ApiKeysModule.forRoot()];
    class AppModule {}
    const context = await NestFactory.createApplicationContext({ module: AppModule, imports }, { logger: false });
    const { key, id } = await context.get(ApiKeys).create({ namespace: 'shop', scopes: ['sessions:list'] });
    expect(await context.get(ApiKeys).authenticate(key)).toMatchObject({ id });
    await context.close();
    expect(await keys.read(id)).toMatchObject({ namespace: 'shop', lastUsedAt: expect.any(Number) });
    const row = Object.values(database.statement('SELECT * FROM api_keys').get() as object).join('|');
    expect(row).not.toContain(key.slice(24));
  });
});
