import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreMonitor } from 'nest-gatehouse/common';
import { openApiKeys, type ApiKeysApp } from './support/api-keys-app.js';

const MINUTE = 60_000;
const ROUNDS = 400;
/** Of medians: on a busy machine they differ by less, and a hash or an operation of the store more would be more. */
const FACTOR = 3;

/** Keys that are refused, each for another reason. */
async function refusedKeys({ keys, clock }: ApiKeysApp): Promise<Record<string, string>> {
  const fields = { namespace: 'shop', scopes: ['sessions:read'] as const };
  const good = await keys.create(fields);
  const revoked = await keys.create(fields);
  await keys.revoke(revoked.id);
  const expired = await keys.create({ ...fields, expiresAt: new Date(clock.now() + MINUTE).toISOString() });
  clock.advance(MINUTE);
  const wrong = 'A'.repeat(43);
  return {
    unknown: `gh_${'0'.repeat(20)}_${wrong}`,
    'wrong secret': `gh_${good.id}_${wrong}`,
    expired: expired.key,
    'expired, wrong secret': `gh_${expired.id}_${wrong}`,
    revoked: revoked.key,
  };
}

function medianOf(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

describe('An API key that is refused', () => {
  let app: ApiKeysApp;
  let texts: Record<string, string>;

  beforeEach(async () => {
    app = await openApiKeys();
    texts = await refusedKeys(app);
  });

  afterEach(() => app.module.close());

  it('costs one operation of the store and one event, whatever is wrong with it', async () => {
    const monitor = app.module.get(StoreMonitor, { strict: false });
    const operations: string[] = [];
    monitor.onOperation((operation) => void operations.push(operation));
    for (const [name, text] of Object.entries(texts)) {
      const before = app.events.length;
      operations.length = 0;
      expect(await app.keys.authenticate(text)).toBeNull();
      expect([name, operations, app.events.length - before]).toEqual([name, ['api_keys.read'], 1]);
    }
  });

  it('takes as long, whatever is wrong with it', async () => {
    const times = Object.entries(texts).map(([name, text]) => ({ name, text, taken: [] as number[] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (let at = 0; at < times.length; at++) {
        // Each begins as often as any other.
        const { text, taken } = times[(at + round) % times.length]!;
        const since = performance.now();
        await app.keys.authenticate(text);
        taken.push(performance.now() - since);
      }
    }
    const medians = times.map(({ name, taken }) => [name, medianOf(taken)] as const);
    const [least, most] = [Math.min, Math.max].map((of) => of(...medians.map(([, time]) => time))) as [number, number];
    expect({ medians, isEqual: most < least * FACTOR }).toMatchObject({ isEqual: true });
  });
});
