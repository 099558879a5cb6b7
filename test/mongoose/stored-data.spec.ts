import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { applyDataChanges, type DataChanges } from 'nest-gatehouse/session/storage';
import { FakeClock } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';
import { aRecord } from '../support/records/sessions.js';

const NASTY_KEYS = [
  '',
  '.',
  '..',
  'a.b',
  'a.b.c',
  '.a',
  'a.',
  '$',
  '$set',
  '$x.y',
  'a$b',
  '%',
  '%2e',
  '%00',
  '\\u002e',
  '\\.',
  '\\',
  '"',
  '"."',
  "'",
  '\u0000',
  'a\u0000b',
  '\n',
  '\u2028',
  '\ud800',
  'x\udc00y',
  '💥.💥',
  'é',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '_id',
  'data',
  'version',
  '0',
  '1',
  '-1',
  '01',
  '[]',
  '$[]',
  '$[a]',
  '/',
  '{}',
  ' ',
  'x'.repeat(500),
] as const;

const NASTY_VALUES: readonly unknown[] = [
  0,
  1,
  -1,
  0.1,
  -0.5,
  1e21,
  1e-7,
  5e-324,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  2 ** 64,
  123456789.12345679,
  null,
  true,
  false,
  '',
  '1',
  '$x',
  'a\u0000b',
  '\ud800',
  '💥',
  [],
  [1, 'a', null],
  {},
  { $inc: 1 },
  { 'a.b': { '': 1 }, $x: null },
  [[{ deep: ['.'] }]],
];

describeWithMongod('Session data in MongoDB', () => {
  const clock = new FakeClock();
  let storage: MongoStorage;

  beforeAll(async () => {
    storage = await openMongoStorage(clock);
  });

  afterAll(() => storage?.discard());

  async function stored(data: unknown) {
    const record = aRecord(clock, { data: JSON.stringify(data) });
    await storage.store.insert(record);
    return record.handle;
  }

  async function dataOf(handle: string): Promise<unknown> {
    return JSON.parse((await storage.store.read(handle))!.data);
  }

  it('keeps every key, whatever characters it has', async () => {
    const all = Object.fromEntries(NASTY_KEYS.map((key, n) => [key, n % 2 ? n : String(n)]));
    expect(await dataOf(await stored(all))).toEqual(all);
    expect(Object.keys((await dataOf(await stored(all))) as object).sort()).toEqual([...NASTY_KEYS].sort());
  });

  it('changes every key by itself', async () => {
    for (const key of NASTY_KEYS) {
      const handle = await stored({ [`${key}~`]: 'kept', number: 1 });
      const change = (data: DataChanges, expected?: ReadonlyMap<string, string | null>) =>
        storage.store.update(handle, { data, expected, maxDataBytes: 65_536 });
      expect(await change({ set: new Map([[key, '{"a":1}']]) }, new Map([[key, null]]))).toMatchObject({
        status: 'updated',
      });
      expect(await change({ set: new Map([[key, '"b"']]) }, new Map([[key, null]]))).toEqual({
        status: 'conflict',
        keys: [key],
      });
      expect(await change({ set: new Map([[key, '5']]) }, new Map([[key, '{"a":1}']]))).toMatchObject({
        status: 'updated',
      });
      expect(await change({ increment: new Map([[key, 2]]) })).toMatchObject({ status: 'updated' });
      const present = await dataOf(handle);
      expect(Object.getOwnPropertyDescriptor(present, key)?.value).toBe(7);
      expect(await change({ unset: new Set([key]) })).toMatchObject({ status: 'updated' });
      expect(await dataOf(handle)).toEqual({ [`${key}~`]: 'kept', number: 1 });
    }
  });

  it('keeps every value', async () => {
    const all = Object.fromEntries(NASTY_VALUES.map((value, n) => [`k${n}`, value]));
    expect(await dataOf(await stored(all))).toEqual(all);
    const handle = await stored({});
    for (const [n, value] of NASTY_VALUES.entries()) {
      await storage.store.update(handle, { data: { set: new Map([[`k${n}`, JSON.stringify(value)]]) } });
    }
    expect(await dataOf(handle)).toEqual(all);
  });

  it('refuses text that is no JSON, and quotes none of it', async () => {
    const handle = await stored({});
    const change = storage.store.update(handle, { data: { set: new Map([['a', 'hunter2']]) } });
    await expect(change).rejects.toThrow(TypeError);
    await expect(change).rejects.not.toThrow('hunter2');
    expect(await dataOf(handle)).toEqual({});
  });

  it('adds as JavaScript does, beyond int32, int64 and 2^53, or refuses', async () => {
    const numbers = [
      0,
      -0,
      1,
      -1,
      0.1,
      0.2,
      1e-300,
      5e-324,
      2 ** 31 - 1,
      -(2 ** 31),
      2 ** 53 - 1,
      2 ** 53,
      2 ** 62,
      2 ** 63,
      1e21,
      1e299,
      1e300,
      9e307,
      1.7976931348623157e308,
      -1.7976931348623157e308,
    ];
    const model = (present: number, amount: number) =>
      applyDataChanges(JSON.stringify({ n: present }), { increment: new Map([['n', amount]]) });
    for (const present of numbers) {
      const handles = await Promise.all(numbers.map(() => stored({ n: present })));
      const outcomes = await Promise.all(
        numbers.map((amount, n) =>
          storage.store.update(handles[n]!, { data: { increment: new Map([['n', amount]]) } }),
        ),
      );
      for (const [n, amount] of numbers.entries()) {
        const expected = model(present, amount);
        if (expected.status === 'changed')
          expect(outcomes[n]).toEqual({ status: 'updated', version: 2, data: expected.data });
        else expect(outcomes[n]).toEqual(expected);
      }
    }
  });

  it('refuses amounts that are no finite number', async () => {
    const handle = await stored({ n: 1 });
    for (const amount of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const outcome = await storage.store.update(handle, { data: { increment: new Map([['n', amount]]) } });
      expect(outcome).toEqual({ status: 'not_a_number', key: 'n' });
    }
    expect(await dataOf(handle)).toEqual({ n: 1 });
  });

  it('combines set, unset and increment of one key as the model does', async () => {
    const changes: DataChanges[] = [
      { set: new Map([['n', '5']]), increment: new Map([['n', 2]]) },
      { set: new Map([['n', '"x"']]), increment: new Map([['n', 2]]) },
      { unset: new Set(['n']), increment: new Map([['n', 2]]) },
      { set: new Map([['n', '5']]), unset: new Set(['n']) },
      { set: new Map([['n', '5']]), unset: new Set(['n']), increment: new Map([['n', 2]]) },
    ];
    for (const data of changes) {
      const handle = await stored({ n: 40, other: 1 });
      const expected = applyDataChanges('{"n":40,"other":1}', data);
      const outcome = await storage.store.update(handle, { data });
      if (expected.status !== 'changed') expect(outcome).toEqual(expected);
      else expect(await dataOf(handle)).toEqual(JSON.parse(expected.data));
    }
  });

  it('measures the limit to the byte, for texts, numbers and keys of every kind', async () => {
    const before: Record<string, unknown> = {
      a: 'x'.repeat(300),
      'dot.ted.key': 0.1,
      '💥"\\': [1, 'é'],
      n: -1.2345678901234567e-100,
      old: 'y'.repeat(200),
    };
    const data = {
      set: new Map([
        ['new.key', '"ü\\n"'],
        ['old', '1'],
      ]),
      unset: new Set(['gone']),
      increment: new Map([['n', 1]]),
    };
    const model = applyDataChanges(JSON.stringify(before), data);
    const bytes = model.status === 'changed' ? Buffer.byteLength(model.data) : 0;
    expect(bytes).toBeGreaterThan(300);
    for (const maxDataBytes of [bytes - 1, 2, bytes - 60]) {
      const handle = await stored(before);
      expect(await storage.store.update(handle, { data, maxDataBytes })).toEqual({ status: 'too_large', bytes });
      expect(await dataOf(handle)).toEqual(before);
    }
    for (const maxDataBytes of [bytes, bytes + 1, bytes + 30, 4 * bytes]) {
      const handle = await stored(before);
      expect(await storage.store.update(handle, { data, maxDataBytes })).toMatchObject({
        status: 'updated',
        version: 2,
      });
    }
  });

  it('never exceeds the limit when many write at once, and lets in what fits', async () => {
    const handle = await stored({});
    const maxDataBytes = 1_000;
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        storage.store.update(handle, { data: { set: new Map([[`key${n}`, `"${'x'.repeat(50)}"`]]) }, maxDataBytes }),
      ),
    );
    const { data } = (await storage.store.read(handle))!;
    expect(Buffer.byteLength(data)).toBeLessThanOrEqual(maxDataBytes);
    expect(Object.keys(JSON.parse(data) as object)).toHaveLength(
      outcomes.filter(({ status }) => status === 'updated').length,
    );
    expect(Buffer.byteLength(data)).toBeGreaterThan(maxDataBytes - 70);
  });

  it('agrees with the model after random changes', async () => {
    let seed = 42;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    let model = '{}';
    const handle = await stored({});
    const keys = NASTY_KEYS.slice(0, 12);
    for (let step = 0; step < 150; step++) {
      const key = keys[random(keys.length)]!;
      const value = JSON.stringify(NASTY_VALUES[random(NASTY_VALUES.length)]);
      const kinds: DataChanges[] = [
        { set: new Map([[key, value]]) },
        { unset: new Set([key]) },
        { increment: new Map([[key, random(100) - 50]]) },
      ];
      const data = kinds[random(kinds.length)]!;
      const expected = applyDataChanges(model, data, { maxDataBytes: 220 });
      const outcome = await storage.store.update(handle, { data, maxDataBytes: 220 });
      expect(outcome.status).toBe(expected.status === 'changed' ? 'updated' : expected.status);
      if (expected.status === 'changed') model = expected.data;
      expect(await dataOf(handle)).toEqual(JSON.parse(model));
    }
  });
});
