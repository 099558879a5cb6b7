import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { getConnectionToken, MongooseModule } from '@nestjs/mongoose';
import { Test } from '@nestjs/testing';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { MongooseStorageModule } from 'nest-gatehouse/mongoose';
import { ApiKeys, ApiKeysModule } from 'nest-gatehouse/sessman';
import type { ApiKeyRotation } from 'nest-gatehouse/sessman/storage';
import { SessionModule } from 'nest-gatehouse/session';
import { describeWithMongod, mongodOfRun } from '../support/mongod/mongod-run.js';
import { aClaim, anApiKey } from '../support/records/api-keys.js';
import { freshDatabaseName } from './support/mongo-storage.js';
import { openMongoSessman, type MongoSessman } from './support/mongo-sessman.js';

const KEY = anApiKey({ ownerId: 'ann' });
const CLAIM = aClaim();
const MAJORITY = { w: 'majority', j: true, wtimeout: 30_000 };

function rotationOf(expectedSecretHash: string): ApiKeyRotation {
  return { secretHash: 'h2', formerSecretHash: null, formerSecretUntil: 0, expectedSecretHash };
}

describeWithMongod('What MongoDB is sent for API keys', () => {
  let storage: MongoSessman;

  beforeEach(async () => {
    storage = await openMongoSessman();
  });

  afterEach(() => storage.discard());

  it('is one command for each method', async () => {
    const { keys, idempotency, commands } = storage;
    const calls: [() => unknown, string][] = [
      [() => keys.insert(KEY), 'insert'],
      [() => keys.read(KEY.id), 'find'],
      [() => keys.list({ limit: 10 }), 'find'],
      [() => keys.used(KEY.id, 2, 1), 'update'],
      [() => keys.rotate(KEY.id, rotationOf(KEY.secretHash)), 'update'],
      [() => keys.delete(KEY.id), 'delete'],
      [() => keys.deleteByOwner('ann'), 'delete'],
      [() => idempotency.claim(CLAIM), 'findAndModify'],
      [() => idempotency.complete({ ...CLAIM, answer: 'a' }), 'update'],
      [() => idempotency.release(CLAIM), 'delete'],
      [() => idempotency.sweep(0, 10), 'find'],
    ];
    for (const [call, command] of calls) expect(await commands.during(call)).toEqual([command]);
  });

  it('is on the majority whatever the connection says, where it must outlive a failover', async () => {
    const careless = await openMongoSessman({ connect: { writeConcern: { w: 1 } } });
    const { keys, idempotency, commands } = careless;
    await keys.insert(KEY);
    await keys.rotate(KEY.id, rotationOf(KEY.secretHash));
    await keys.delete(KEY.id);
    await keys.deleteByOwner('ann');
    await idempotency.claim(CLAIM);
    await idempotency.complete({ ...CLAIM, answer: 'a' });
    const concerns = commands.bodies.map((body): unknown => body['writeConcern']);
    expect(concerns).toEqual(Array(6).fill(MAJORITY));
    await careless.discard();
  });

  it('is read from the primary, with a deadline for the server too', async () => {
    await storage.keys.read(KEY.id);
    expect(storage.commands.bodies).toMatchObject([{ readConcern: { level: 'local' }, maxTimeMS: 30_000 }]);
  });

  it('is never an operator that came as a value', async () => {
    const { keys, idempotency } = storage;
    await keys.insert(KEY);
    await idempotency.claim(CLAIM);
    const operator = { $ne: null } as unknown as string;
    expect(await keys.read(operator)).toBeNull();
    expect(await keys.delete(operator)).toBe(false);
    expect(await keys.deleteByOwner(operator)).toBe(0);
    expect(await keys.rotate(KEY.id, rotationOf(operator))).toBe('stale');
    expect(await idempotency.complete({ ...CLAIM, owner: operator, answer: 'a' })).toBe(false);
    await idempotency.claim(aClaim({ key: '$expiresAt', fingerprint: '$owner', owner: '$$ROOT' }));
    expect(await idempotency.claim(aClaim({ key: '$expiresAt', fingerprint: '$owner' }))).toMatchObject({
      status: 'running',
    });
  });

  it('reads a page of keys along an index, from any place', async () => {
    const { keys, commands, connection } = storage;
    const made = Array.from({ length: 300 }, (_, n) => anApiKey({ createdAt: Math.floor(n / 3), ownerId: `u${n}` }));
    for (const key of made) await keys.insert(key);
    const first = await keys.list({ limit: 100 });
    commands.clear();
    await keys.list({ limit: 20, cursor: first.next! });
    const [{ find, filter, sort, limit }] = commands.bodies as [Record<string, object>];
    const explained = await connection.db!.command({
      explain: { find, filter, sort, limit },
      verbosity: 'executionStats',
    });
    expect((explained['executionStats'] as { totalDocsExamined: number }).totalDocsExamined).toBeLessThanOrEqual(22);
    const owned = await connection.db!.command({
      explain: { delete: 'gatehouse_api_keys', deletes: [{ q: { ownerId: { $eq: 'u7' } }, limit: 0 }] },
      verbosity: 'executionStats',
    });
    expect((owned['executionStats'] as { totalDocsExamined: number }).totalDocsExamined).toBe(1);
  });

  it('fails with the error of every store while there is no connection', async () => {
    const { keys, idempotency } = await openMongoSessman().then(async (other) => {
      await other.discard();
      return other;
    });
    const calls = [
      () => keys.insert(KEY),
      () => keys.read(KEY.id),
      () => keys.list({ limit: 1 }),
      () => keys.used(KEY.id, 2, 1),
      () => keys.rotate(KEY.id, rotationOf('h')),
      () => keys.delete(KEY.id),
      () => keys.deleteByOwner('ann'),
      () => idempotency.claim(CLAIM),
      () => idempotency.complete({ ...CLAIM, answer: 'a' }),
      () => idempotency.release(CLAIM),
      () => idempotency.sweep(1, 1),
    ];
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});

describeWithMongod('Two instances with API keys on one MongoDB', () => {
  let instances: readonly [MongoSessman, MongoSessman];

  beforeEach(async () => {
    const databaseName = freshDatabaseName();
    instances = [await openMongoSessman({ databaseName }), await openMongoSessman({ databaseName })];
  });

  afterEach(async () => {
    await instances[1].close();
    await instances[0].discard();
  });

  it('see at once what the other has issued, rotated and revoked', async () => {
    const [here, there] = instances;
    for (let round = 0; round < 20; round++) {
      const key = anApiKey();
      await here.keys.insert(key);
      expect(await there.keys.read(key.id)).toEqual(key);
      await there.keys.rotate(key.id, rotationOf(key.secretHash));
      expect(await here.keys.read(key.id)).toMatchObject({ secretHash: 'h2' });
      expect(await here.keys.delete(key.id)).toBe(true);
      expect(await there.keys.read(key.id)).toBeNull();
    }
  });

  it('claim an idempotency key once of 100 times at once', async () => {
    for (let round = 0; round < 5; round++) {
      const claims = Array.from({ length: 100 }, (_, n) => aClaim({ key: `order-${round}`, owner: `attempt ${n}` }));
      const outcomes = await Promise.all(claims.map((claim, n) => instances[n % 2]!.idempotency.claim(claim)));
      const statuses = outcomes.map(({ status }) => status).sort();
      expect(statuses).toEqual(['claimed', ...Array<string>(99).fill('running')]);
    }
  });
});

describeWithMongod('MongooseStorageModule with ApiKeysModule', () => {
  it('provides both contracts, with their indexes from the start', async () => {
    const { uri } = (await mongodOfRun())!;
    const dbName = freshDatabaseName();
    const app = await Test.createTestingModule({
      imports: [
        MongooseModule.forRoot(uri, { dbName }),
        MongooseStorageModule.forRoot(),
        SessionModule.forRoot(),
        ApiKeysModule.forRoot(),
      ],
    }).compile();
    const db = app.get<MongoSessman['connection']>(getConnectionToken());
    const indexes = async (name: string) =>
      (await db.db!.collection(`gatehouse_${name}`).indexes()).map((index) => index.name).sort();
    expect(await indexes('api_keys')).toEqual(['_id_', 'by_creation', 'by_owner']);
    expect(await indexes('idempotency_keys')).toEqual(['_id_', 'expires_at_ttl']);
    const { key, id } = await app.get(ApiKeys).create({ namespace: 'shop', scopes: ['sessions:read'] });
    expect(await app.get(ApiKeys).authenticate(key)).toMatchObject({ id });
    expect(JSON.stringify(await db.db!.collection('gatehouse_api_keys').findOne())).not.toContain(key.slice(24));
    await db.dropDatabase();
    await app.close();
  });
});
