import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type DynamicModule, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import fc from 'fast-check';
import { ProblemException } from 'nest-gatehouse/common';
import {
  ApiKeysModule,
  type CreateApiKey,
  IdempotencySweeper,
  MemorySessmanStorageModule,
  type RotateApiKey,
} from 'nest-gatehouse/sessman';
import { SessmanStorage } from 'nest-gatehouse/sessman/storage';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { HOUR, MINUTE, SECOND } from '../support/apps/fake-clock.js';
import { aClaim } from '../support/records/api-keys.js';
import { openApiKeys, Owners, type ApiKeysApp } from './support/api-keys-app.js';

const GIVEN: CreateApiKey = { namespace: 'shop', scopes: ['sessions:read', 'sessions:write'] };
const DAY = 24 * HOUR;

let app: ApiKeysApp;
let owners: Owners;

beforeEach(async () => {
  owners = new Owners();
  owners.accounts.set('ann', { id: 'u1', active: true });
  app = await openApiKeys(owners);
});

afterEach(async () => app.module.close());

async function problemOf(work: () => Promise<unknown>): Promise<ProblemException> {
  const error = await work().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProblemException);
  return error as ProblemException;
}

describe('ApiKeys.create', () => {
  it('gives a key that is shown once, and stores only its hash', async () => {
    const { key, ...info } = await app.keys.create({ ...GIVEN, owner: 'ann', expiresAt: app.clock.now() + DAY });
    expect(key).toMatch(/^gh_[0-9a-f]{20}_[\w-]{43}$/);
    const [, id, ...secret] = key.split('_');
    const stored = await app.store.read(id!);
    expect(stored).toEqual({
      id,
      secretHash: createHash('sha256').update(secret.join('_')).digest('base64url'),
      formerSecretHash: null,
      formerSecretUntil: 0,
      namespace: 'shop',
      scopes: ['sessions:read', 'sessions:write'],
      ownerId: 'u1',
      createdAt: app.clock.now(),
      expiresAt: app.clock.now() + DAY,
      lastUsedAt: null,
    });
    const { secretHash: _, formerSecretHash: __, ...shown } = stored!;
    expect(info).toEqual({ ...shown, owner: 'ann' });
  });

  it('takes what a request says: a time as text, and null for nothing', async () => {
    const body = { ...GIVEN, expiresAt: '2040-01-02T00:00:00Z', owner: null };
    expect(await app.keys.create(body)).toMatchObject({ expiresAt: Date.UTC(2040, 0, 2), owner: null, ownerId: null });
    expect(await app.keys.create({ ...GIVEN, expiresAt: null })).toMatchObject({ expiresAt: null });
  });

  it.each<[string, string, object]>([
    ['namespace', 'namespace_missing', { scopes: GIVEN.scopes }],
    ['namespace', 'namespace_invalid', { ...GIVEN, namespace: '' }],
    ['namespace', 'namespace_invalid', { ...GIVEN, namespace: 'Shop' }],
    ['namespace', 'namespace_invalid', { ...GIVEN, namespace: '.shop' }],
    ['namespace', 'namespace_invalid', { ...GIVEN, namespace: 'shop\n' }],
    ['namespace', 'namespace_invalid', { ...GIVEN, namespace: 'x'.repeat(65) }],
    ['namespace', 'namespace_invalid', { ...GIVEN, namespace: 7 }],
    ['scopes', 'scopes_missing', { namespace: 'shop' }],
    ['scopes', 'scopes_invalid', { ...GIVEN, scopes: [] }],
    ['scopes', 'scopes_invalid', { ...GIVEN, scopes: ['sessions:read', 'sessions:read'] }],
    ['scopes', 'scopes_invalid', { ...GIVEN, scopes: ['sessions:all'] }],
    ['scopes', 'scopes_invalid', { ...GIVEN, scopes: 'sessions:read' }],
    ['scopes', 'scopes_invalid', { ...GIVEN, scopes: ['__proto__'] }],
    ['expiresAt', 'expires_at_invalid', { ...GIVEN, expiresAt: 'tomorrow' }],
    ['expiresAt', 'expires_at_invalid', { ...GIVEN, expiresAt: '2041-01-01T00:00:00+01:00' }],
    ['expiresAt', 'expires_at_invalid', { ...GIVEN, expiresAt: Date.UTC(2040, 0, 1) }],
    ['expiresAt', 'expires_at_invalid', { ...GIVEN, expiresAt: '2050-02-01T00:00:00Z' }],
    ['expiresAt', 'expires_at_invalid', { ...GIVEN, expiresAt: Number.NaN }],
    ['owner', 'owner_invalid', { ...GIVEN, owner: 'nobody' }],
    ['owner', 'owner_invalid', { ...GIVEN, owner: 1 }],
    ['body', 'body_invalid', { ...GIVEN, admin: true }],
  ])('refuses a wrong %s as %s, and keeps nothing', async (field, code, given) => {
    const problem = await problemOf(() => app.keys.create(given as CreateApiKey));
    expect([problem.getStatus(), problem.code]).toEqual([400, code]);
    expect(problem.problem.errors?.map((error) => error.field)).toEqual([field]);
    expect((await app.keys.list({ limit: 10 })).items).toEqual([]);
    expect(app.events).toEqual([]);
  });

  it('refuses a disabled owner, and any owner where the application has no accounts', async () => {
    owners.accounts.set('bob', { id: 'u2', active: false });
    expect((await problemOf(() => app.keys.create({ ...GIVEN, owner: 'bob' }))).problem.errors).toEqual([
      { field: 'owner', message: 'this account is disabled' },
    ]);
    const without = await openApiKeys();
    const { code, problem } = await problemOf(() => without.keys.create({ ...GIVEN, owner: 'ann' }));
    expect([code, problem.errors?.[0]?.message]).toEqual([
      'owner_invalid',
      'this application has no accounts that could own a key; leave it out',
    ]);
    await without.module.close();
  });
});

describe('ApiKeys.authenticate', () => {
  it('gives the live record of a key', async () => {
    const { key, id } = await app.keys.create(GIVEN);
    expect(await app.keys.authenticate(key)).toMatchObject({ id, namespace: 'shop', scopes: GIVEN.scopes });
  });

  it('accepts nothing but the key, whatever its shape, and asks the store for none of another shape', async () => {
    const { key, id } = await app.keys.create(GIVEN);
    const read = jest.spyOn(app.store, 'read');
    const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 20, maxLength: 20 });
    const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const secret = fc.string({ unit: fc.constantFrom(...base64url), minLength: 43, maxLength: 43 });
    const changed = fc
      .tuple(fc.nat(key.length), fc.string({ unit: 'binary', maxLength: 2 }), fc.nat(2))
      .map(([at, text, removed]) => key.slice(0, at) + text + key.slice(at + removed));
    const guesses = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.constantFrom('gh_', 'GH_', 'gh-', ''), hex, secret).map(([head, a, b]) => `${head}${a}_${b}`),
      secret.map((guess) => `gh_${id}_${guess}`),
      changed,
    );
    const shape = /^gh_[0-9a-f]{20}_[A-Za-z0-9_-]{43}$/;
    await fc.assert(
      fc.asyncProperty(guesses, async (guess) => {
        fc.pre(guess !== key);
        read.mockClear();
        expect(await app.keys.authenticate(guess)).toBeNull();
        expect(read.mock.calls.length).toBe(shape.test(guess) ? 1 : 0);
      }),
      { numRuns: 500 },
    );
    expect(await app.keys.authenticate(key)).not.toBeNull();
  });

  it('refuses an expired key, from that moment on', async () => {
    const { key, id } = await app.keys.create({ ...GIVEN, expiresAt: app.clock.now() + SECOND });
    app.clock.advance(SECOND - 1);
    expect(await app.keys.authenticate(key)).not.toBeNull();
    app.clock.advance(1);
    expect(await app.keys.authenticate(key)).toBeNull();
    expect(app.events.at(-1)).toEqual(['api_key.refused', { id, namespace: 'shop', reason: 'expired' }]);
  });

  it('refuses a key while its owner is disabled or gone, and asks about nobody without the secret', async () => {
    const { key, id } = await app.keys.create({ ...GIVEN, owner: 'ann' });
    owners.asked.length = 0;
    expect(await app.keys.authenticate(`gh_${id}_${'A'.repeat(43)}`)).toBeNull();
    expect(owners.asked).toEqual([]);
    owners.accounts.get('ann')!.active = false;
    expect(await app.keys.authenticate(key)).toBeNull();
    owners.accounts.get('ann')!.active = true;
    expect(await app.keys.authenticate(key)).not.toBeNull();
    owners.accounts.clear();
    expect(await app.keys.authenticate(key)).toBeNull();
    expect(app.events.map(([, event]) => (event as { reason?: string }).reason)).toEqual([
      undefined,
      'wrong_secret',
      'owner',
      'owner',
    ]);
  });

  it('answers 503 instead of refusing the key while the store fails', async () => {
    const { key } = await app.keys.create(GIVEN);
    jest.spyOn(app.store, 'read').mockImplementation(() => {
      throw new Error('down');
    });
    const problem = await problemOf(() => app.keys.authenticate(key));
    expect([problem.getStatus(), problem.code]).toEqual([503, 'store_unavailable']);
  });

  it('says in its events which key was refused and why, without any secret', async () => {
    const { key, id } = await app.keys.create(GIVEN);
    const { key: rotated } = await app.keys.rotate(id);
    await app.keys.authenticate(key);
    await app.keys.revoke(id);
    await app.keys.authenticate(rotated);
    await app.keys.authenticate('gh_');
    expect(app.events).toEqual([
      ['api_key.created', { id, namespace: 'shop' }],
      ['api_key.rotated', { id, namespace: 'shop' }],
      ['api_key.refused', { id, namespace: 'shop', reason: 'wrong_secret' }],
      ['api_key.revoked', { id, namespace: 'shop' }],
      ['api_key.refused', { id, namespace: null, reason: 'unknown' }],
    ]);
  });
});

describe('ApiKeys.rotate and revoke', () => {
  it('replaces the secret at once, where no overlap is asked for', async () => {
    const { key, id } = await app.keys.create(GIVEN);
    const { key: next, ...info } = await app.keys.rotate(id);
    expect(next.split('_')[1]).toBe(id);
    expect(info).toMatchObject({ id, namespace: 'shop', scopes: GIVEN.scopes, formerSecretUntil: 0 });
    expect(await app.keys.authenticate(key)).toBeNull();
    expect(await app.keys.authenticate(next)).toMatchObject({ id });
  });

  it('accepts the former secret for the overlap, and not the one before', async () => {
    const { key: first, id } = await app.keys.create(GIVEN);
    const { key: second } = await app.keys.rotate(id, { overlap: '1h' });
    app.clock.advance(MINUTE);
    const { key: third } = await app.keys.rotate(id, { overlap: 2 * MINUTE });
    const accepted = async () => {
      const records = await Promise.all([first, second, third].map((key) => app.keys.authenticate(key)));
      return records.map((record) => record !== null);
    };
    expect(await accepted()).toEqual([false, true, true]);
    app.clock.advance(2 * MINUTE - 1);
    expect(await accepted()).toEqual([false, true, true]);
    app.clock.advance(1);
    expect(await accepted()).toEqual([false, false, true]);
  });

  it.each<[RotateApiKey]>([[{ overlap: -1 }], [{ overlap: '31d' }], [{ overlap: 'soon' as '1h' }]])(
    'refuses the overlap of %j',
    async (given) => {
      const { key, id } = await app.keys.create(GIVEN);
      expect((await problemOf(() => app.keys.rotate(id, given))).code).toBe('overlap_invalid');
      expect(await app.keys.authenticate(key)).not.toBeNull();
    },
  );

  it('lets one of two rotations at once happen', async () => {
    const { id } = await app.keys.create(GIVEN);
    const outcomes = await Promise.allSettled([app.keys.rotate(id), app.keys.rotate(id)]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused).toEqual([expect.objectContaining({ code: 'conflict' })]);
    const [won] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.key] : []));
    expect(await app.keys.authenticate(won!)).not.toBeNull();
  });

  it('knows no key that is not there, and gives no new secret to an expired one', async () => {
    for (const id of ['', 'x', '__proto__', '0'.repeat(20)]) {
      expect((await problemOf(() => app.keys.rotate(id))).code).toBe('api_key_not_found');
      expect((await problemOf(() => app.keys.revoke(id))).code).toBe('api_key_not_found');
    }
    const { id } = await app.keys.create({ ...GIVEN, expiresAt: app.clock.now() + 1 });
    app.clock.advance(1);
    expect((await problemOf(() => app.keys.rotate(id))).code).toBe('api_key_expired');
  });

  it('lists keys with their owners, newest first, and without anything that opens a session', async () => {
    await app.keys.create(GIVEN);
    app.clock.advance(1);
    const { key } = await app.keys.create({ ...GIVEN, owner: 'ann' });
    const { items, next } = await app.keys.list({ limit: 10 });
    expect([items.map(({ owner }) => owner), next]).toEqual([['ann', null], null]);
    const text = JSON.stringify(items);
    expect(text).not.toContain(key.slice(24));
    expect(text).not.toContain((await app.store.read(items[0]!.id))!.secretHash);
  });

  it('revokes all keys of an account', async () => {
    const owned = [
      await app.keys.create({ ...GIVEN, owner: 'ann' }),
      await app.keys.create({ ...GIVEN, owner: 'ann' }),
    ];
    const other = await app.keys.create(GIVEN);
    expect(await app.keys.revokeOwnedBy('u1')).toBe(2);
    for (const { key } of owned) expect(await app.keys.authenticate(key)).toBeNull();
    expect(await app.keys.authenticate(other.key)).not.toBeNull();
  });
});

describe('The last use of a key', () => {
  it('is written at most once a minute', async () => {
    const { key, id } = await app.keys.create(GIVEN);
    const used = jest.spyOn(app.store, 'used');
    const began = app.clock.now();
    await Promise.all(Array.from({ length: 50 }, () => app.keys.authenticate(key)));
    app.clock.advance(MINUTE - 1);
    await app.keys.authenticate(key);
    expect([used.mock.calls.length, (await app.store.read(id))?.lastUsedAt]).toEqual([1, began]);
    app.clock.advance(1);
    await app.keys.authenticate(key);
    expect([used.mock.calls.length, (await app.store.read(id))?.lastUsedAt]).toEqual([2, began + MINUTE]);
  });

  it('is not waited for, and only logged if it cannot be written', async () => {
    const { key, id } = await app.keys.create(GIVEN);
    let fail: (error: Error) => void = () => {};
    jest.spyOn(app.store, 'used').mockReturnValue(new Promise((_, reject) => (fail = reject)));
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    expect(await app.keys.authenticate(key)).not.toBeNull();
    fail(new Error('down'));
    await app.module.close();
    expect(warn.mock.calls.flat()).toEqual([`When the API key ${id} was last used could not be written`]);
  });
});

describe('ApiKeysModule', () => {
  it('answers 503, and accepts nothing, while it cannot be told whether the owner is active', async () => {
    const { key } = await app.keys.create({ ...GIVEN, owner: 'ann' });
    jest.spyOn(owners, 'isActive').mockImplementation(() => {
      throw new Error('down');
    });
    expect((await problemOf(() => app.keys.authenticate(key))).code).toBe('store_unavailable');
  });

  it('refuses a key that has an owner where the application has no accounts any more', async () => {
    const { key, id } = await app.keys.create({ ...GIVEN, owner: 'ann' });
    const without = await openApiKeys();
    await without.store.insert((await app.store.read(id))!);
    expect(await without.keys.authenticate(key)).toBeNull();
    await without.module.close();
  });

  it('sweeps idempotency keys that have expired, all of them', async () => {
    const { idempotency } = app.module.get(SessmanStorage);
    const now = app.clock.now();
    const claims = Array.from({ length: 450 }, (_, n) =>
      aClaim({ key: `${n}`, now, expiresAt: now + MINUTE + (n % 2) }),
    );
    for (const claim of claims) await idempotency.claim(claim);
    app.clock.advance(MINUTE);
    expect(await app.module.get(IdempotencySweeper).sweep()).toBe(225);
    app.clock.advance(1);
    expect(await app.module.get(IdempotencySweeper).sweep()).toBe(225);
    expect(await idempotency.sweep(Infinity, 1)).toBe(0);
  });

  it('refuses to keep keys in memory in production, unless told to', async () => {
    jest.replaceProperty(process, 'env', { ...process.env, NODE_ENV: 'production' });
    const start = (...imports: DynamicModule[]) =>
      Test.createTestingModule({
        imports: [MemoryStorageModule.forRoot(), ...imports, SessionModule.forRoot(), ApiKeysModule.forRoot()],
      }).compile();
    await expect(start()).rejects.toThrow(/ApiKeyStore, IdempotencyStore.*MemorySessmanStorageModule\.forRoot\(\)/);
    await (await start(MemorySessmanStorageModule.forRoot())).close();
  });
});
