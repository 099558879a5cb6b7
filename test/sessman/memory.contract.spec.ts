import { describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { MemoryApiKeyStore, MemoryIdempotencyStore } from 'nest-gatehouse/sessman';
import { apiKeyStoreContract, idempotencyStoreContract } from 'nest-gatehouse/testing';
import { FakeClock } from '../support/apps/fake-clock.js';

const memory = {
  async open() {
    const clock = new FakeClock();
    return {
      keys: new MemoryApiKeyStore(),
      idempotency: new MemoryIdempotencyStore(),
      now: () => clock.now(),
      close: async () => {},
    };
  },
};

apiKeyStoreContract('memory', memory);
idempotencyStoreContract('memory', memory);

const MIB = 1024 * 1024;

function claimAt(now: number, key: string) {
  return { keyId: 'k', key, fingerprint: 'f', owner: key, now, leaseUntil: now + 100, expiresAt: now + 1_000 };
}

describe('MemoryIdempotencyStore', () => {
  it('forgets the oldest answers beyond its count, and no running request', () => {
    const store = new MemoryIdempotencyStore({ maxRecords: 3 });
    for (const key of ['a', 'b', 'c']) store.claim(claimAt(0, key));
    for (const key of ['b', 'a']) store.complete({ ...claimAt(0, key), answer: key });
    expect(store.claim(claimAt(0, 'd'))).toEqual({ status: 'claimed' });
    expect(store.claim(claimAt(0, 'a'))).toEqual({ status: 'done', answer: 'a' });
    expect(store.claim(claimAt(0, 'c')).status).toBe('running');
    expect(store.claim(claimAt(0, 'b'))).toEqual({ status: 'claimed' });
    expect(() => store.claim(claimAt(0, 'e'))).toThrow(StoreUnavailableError);
    expect(store.claim(claimAt(99, 'c')).status).toBe('running');
    expect(store.claim(claimAt(100, 'e'))).toEqual({ status: 'claimed' });
  });

  it('forgets the oldest answers beyond its bytes', () => {
    const store = new MemoryIdempotencyStore({ maxBytes: '1mb' });
    const answer = 'x'.repeat(MIB / 4 - 500);
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      store.claim(claimAt(0, key));
      store.complete({ ...claimAt(0, key), answer });
    }
    const statuses = ['e', 'd', 'c', 'b', 'a'].map((key) => store.claim(claimAt(0, key)).status);
    expect(statuses).toEqual(['done', 'done', 'done', 'done', 'claimed']);
  });

  it('gives back the bytes of what it forgets', () => {
    const store = new MemoryIdempotencyStore({ maxBytes: '1mb' });
    const answer = 'x'.repeat(MIB / 2);
    for (let n = 0; n < 20; n++) {
      const claim = claimAt(n * 1_000, `${n}`);
      store.claim(claim);
      store.complete({ ...claim, answer });
      if (n % 2) expect(store.sweep(claim.expiresAt, 10)).toBeGreaterThan(0);
      else store.release(claim);
    }
    store.claim(claimAt(30_000, 'last'));
    store.complete({ ...claimAt(30_000, 'last'), answer });
    expect(store.claim(claimAt(30_000, 'last')).status).toBe('done');
  });
});

describe('MemoryApiKeyStore', () => {
  it('refuses more keys than its bound, instead of forgetting one', () => {
    const store = new MemoryApiKeyStore(1);
    const key = {
      id: 'a',
      secretHash: 'h',
      formerSecretHash: null,
      formerSecretUntil: 0,
      namespace: 'n',
      scopes: [],
      ownerId: null,
      createdAt: 0,
      expiresAt: null,
      lastUsedAt: null,
    };
    store.insert(key);
    expect(() => store.insert({ ...key, id: 'b' })).toThrow(StoreUnavailableError);
    expect(store.read('a')).toEqual(key);
  });
});
