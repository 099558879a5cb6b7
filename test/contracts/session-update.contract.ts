import assert from 'node:assert/strict';
import type { DataChanges, SessionUpdate } from 'nest-gatehouse/session/storage';
import { stored, suite, type StorageHarness, type StorageHarnessFactory, type TestRunner } from './harness.js';

const WEIRD_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  '',
  'a.b',
  '$x',
  '$set',
  '.',
  '0',
  'hasOwnProperty',
  'é 🙂',
  'a\u0000b',
];

/** What every `SessionStore` promises for updates. */
export function sessionUpdateContract(name: string, factory: StorageHarnessFactory, runner?: TestRunner): void {
  suite(`${name}: SessionStore.update`, factory, runner, (scenario) => {
    scenario('sets, unsets and increments keys, and counts versions', async (harness) => {
      const record = await stored(harness, { data: '{"a":1,"b":"x","c":3}' });
      const data = changes({ set: { a: { deep: [true] } }, unset: ['b', 'absent'], increment: { c: 2, d: -1.5 } });
      const outcome = await harness.store.update(record.handle, { data });
      assert.equal(outcome.status, 'updated');
      assert.equal(outcome.status === 'updated' && outcome.version, 2);
      const expected = { a: { deep: [true] }, c: 5, d: -1.5 };
      assert.deepEqual(outcome.status === 'updated' && JSON.parse(outcome.data), expected);
      assert.deepEqual(await dataOf(harness, record.handle), expected);
      assert.equal((await harness.store.read(record.handle))?.version, 2);
    });

    scenario('increments after it has set and unset', async (harness) => {
      const record = await stored(harness, { data: '{"a":1,"b":1}' });
      await harness.store.update(record.handle, {
        data: changes({ set: { a: 10 }, unset: ['b'], increment: { a: 1, b: 1 } }),
      });
      assert.deepEqual(await dataOf(harness, record.handle), { a: 11, b: 1 });
    });

    scenario('writes fields without touching data or version, and leaves out what is not given', async (harness) => {
      const record = await stored(harness, { data: '{"a":1}', label: 'old', userId: 'ann' });
      const later = harness.now() + 5_000;
      const fields = {
        lastSeenAt: later,
        idleExpiresAt: later,
        expiresAt: later,
        label: null,
        amr: ['pwd'],
        aal: undefined,
      };
      const outcome = await harness.store.update(record.handle, { fields });
      assert.deepEqual(outcome, { status: 'updated', version: 1, data: '{"a":1}' });
      const { aal, ...written } = fields;
      assert.deepEqual({ ...(await harness.store.read(record.handle)) }, { ...record, ...written });
    });

    scenario('writes the name with the user, and forgets it with a user of unknown name', async (harness) => {
      const { store } = harness;
      const { handle } = await stored(harness);
      const whose = async () => {
        const record = await store.read(handle);
        return [record?.userId, record?.username];
      };
      await store.update(handle, { fields: { userId: 'u1', username: 'ann' } });
      assert.deepEqual(await whose(), ['u1', 'ann']);
      await store.update(handle, { fields: { label: 'x' }, data: changes({ set: { a: 1 } }) });
      assert.deepEqual(await whose(), ['u1', 'ann']);
      await store.update(handle, { fields: { userId: 'u2' } });
      assert.deepEqual(await whose(), ['u2', null]);
      await store.update(handle, { fields: { username: 'bob' } });
      assert.deepEqual(await whose(), ['u2', 'bob']);
      await store.update(handle, { fields: { userId: null } });
      assert.deepEqual(await whose(), [null, null]);
    });

    scenario('tells one of many updates that it is the first of its day, whatever else it writes', async (harness) => {
      const { store } = harness;
      const { handle } = await stored(harness, { data: '{"a":1}', countedDay: 7 });
      const kinds: ((n: number) => SessionUpdate)[] = [
        () => ({}),
        (n) => ({ data: changes({ set: { [`k${n}`]: n } }) }),
        () => ({ data: changes({ increment: { n: 1 } }) }),
        () => ({ replacement: '{"n":0}' }),
        (n) => ({ data: changes({ set: { n } }), whole: { version: 1, data: '{"a":1,"n":0}' } }),
      ];
      for (const [day, kind] of kinds.entries()) {
        const fields = { countedDay: 8 + day, lastSeenAt: harness.now() + day };
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, async (_, n) => store.update(handle, { ...kind(n), fields })),
        );
        assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set(['updated']));
        const first = outcomes.filter((outcome) => outcome.status === 'updated' && outcome.firstOfDay);
        assert.equal(first.length, 1, `kind ${day}`);
        const earlier = await store.update(handle, { ...kind(99), fields: { countedDay: 8 + day - 1 } });
        assert.equal(earlier.status === 'updated' && (earlier.firstOfDay ?? false), false);
        assert.equal((await store.read(handle))?.countedDay, 8 + day);
      }
    });

    for (const key of WEIRD_KEYS) {
      scenario(`keeps the key ${JSON.stringify(key)} as plain data`, async (harness) => {
        const { store } = harness;
        const record = await stored(harness, { data: '{"kept":1}' });
        await store.update(record.handle, { data: { set: new Map([[key, '{"n":1}']]) } });
        const values = await dataOf(harness, record.handle);
        assert.deepEqual(Object.keys(values).sort(), [key, 'kept'].sort());
        assert.deepEqual(Object.getOwnPropertyDescriptor(values, key)?.value, { n: 1 });
        const expected = new Map<string, string | null>([[key, null]]);
        assert.deepEqual(await store.update(record.handle, { expected }), { status: 'conflict', keys: [key] });
        await store.update(record.handle, { data: { unset: new Set([key]) }, expected: new Map([[key, '{"n":1}']]) });
        assert.deepEqual(await dataOf(harness, record.handle), { kept: 1 });
        const increment = { data: { increment: new Map([[key, 2]]) } };
        await store.update(record.handle, increment);
        await store.update(record.handle, increment);
        assert.equal(Object.getOwnPropertyDescriptor(await dataOf(harness, record.handle), key)?.value, 4);
      });
    }

    scenario('keeps all of 100 concurrent changes of different keys', async (harness) => {
      const record = await stored(harness);
      const keys = Array.from({ length: 100 }, (_, n) => `key${n}`);
      await Promise.all(
        keys.map(async (key, n) => harness.store.update(record.handle, { data: changes({ set: { [key]: n } }) })),
      );
      assert.deepEqual(await dataOf(harness, record.handle), Object.fromEntries(keys.map((key, n) => [key, n])));
      assert.equal((await harness.store.read(record.handle))?.version, 101);
    });

    scenario('counts every one of 200 concurrent increments', async (harness) => {
      const record = await stored(harness);
      const update = { data: changes({ increment: { n: 1 } }) };
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, async () => harness.store.update(record.handle, update)),
      );
      assert.deepEqual(await dataOf(harness, record.handle), { n: 200 });
      const seen = outcomes.map((outcome) =>
        outcome.status === 'updated' ? (JSON.parse(outcome.data) as { n: number }).n : 0,
      );
      assert.equal(new Set(seen).size, 200, 'each caller sees a value of its own');
    });

    scenario('takes the whole as it is only while nobody else has changed the data', async (harness) => {
      const { handle } = await stored(harness, { data: '{"a":1,"b":1}' });
      const whole = { version: 1, data: '{"a":2,"b":1}' };
      const update = { data: changes({ set: { a: 2 } }), whole, maxDataBytes: 20 };
      const first = await harness.store.update(handle, update);
      assert.equal(first.status === 'updated' && first.version, 2);
      assert.deepEqual(await dataOf(harness, handle), { a: 2, b: 1 });

      await harness.store.update(handle, { data: changes({ set: { b: 5 } }) });
      const late = await harness.store.update(handle, {
        ...update,
        data: changes({ set: { a: 3 } }),
        whole: { version: 2, data: '{"a":3,"b":1}' },
      });
      assert.deepEqual(late.status === 'updated' && [late.version, JSON.parse(late.data)], [4, { a: 3, b: 5 }]);
      assert.deepEqual(await dataOf(harness, handle), { a: 3, b: 5 });

      const long = { version: 4, data: '{"a":"much too long","b":5}' };
      const refused = await harness.store.update(handle, {
        ...update,
        data: changes({ set: { a: 'much too long' } }),
        whole: long,
      });
      assert.equal(refused.status, 'too_large');
      assert.deepEqual(await dataOf(harness, handle), { a: 3, b: 5 });
    });

    scenario('replaces all data, whatever others have changed meanwhile', async (harness) => {
      const { handle } = await stored(harness, { data: '{"a":1,"b":1}' });
      await harness.store.update(handle, { data: changes({ set: { c: 1 } }) });
      const update = { replacement: '{"__proto__":[1],"a.b":{"$x":null}}', data: changes({ set: { a: 2 } }) };
      const outcome = await harness.store.update(handle, { ...update, maxDataBytes: 100 });
      assert.equal(outcome.status === 'updated' && outcome.version, 3);
      assert.deepEqual(JSON.stringify(await dataOf(harness, handle)), update.replacement);
      const same = await harness.store.update(handle, update);
      assert.equal(same.status === 'updated' && same.version, 4);

      const refused = await harness.store.update(handle, { replacement: '{"much":"too long"}', maxDataBytes: 10 });
      assert.equal(refused.status, 'too_large');
      assert.deepEqual(JSON.stringify(await dataOf(harness, handle)), update.replacement);
      assert.equal((await harness.store.update('x'.repeat(22), { ...update, maxDataBytes: 1 })).status, 'gone');
    });

    scenario('is refused where the version has moved, whatever it changes', async (harness) => {
      const record = await stored(harness, { data: '{"a":1}' });
      const { handle } = record;
      const later = { lastSeenAt: harness.now() + 1_000 };
      const updates: SessionUpdate[] = [
        { replacement: '{}' },
        { data: changes({ set: { a: 2 } }) },
        { data: changes({ increment: { a: 1 } }), fields: later },
        { data: changes({ set: { a: 2 } }), whole: { version: 1, data: '{"a":2}' } },
        { fields: later },
        {},
      ];
      for (const update of updates) {
        const outcome = await harness.store.update(handle, { ...update, ifVersion: 2 });
        assert.deepEqual(outcome, { status: 'stale', version: 1 });
      }
      assert.deepEqual({ ...(await harness.store.read(handle)) }, record);
      for (const [at, update] of updates.slice(0, 3).entries()) {
        const outcome = await harness.store.update(handle, { ...update, ifVersion: 1 + at });
        assert.equal(outcome.status === 'updated' && outcome.version, 2 + at);
      }
    });

    scenario('lets one of 20 concurrent replacements of a version win', async (harness) => {
      const { handle } = await stored(harness);
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, async (_, n) =>
          harness.store.update(handle, { replacement: `{"n":${n}}`, ifVersion: 1 }),
        ),
      );
      const winners = outcomes.flatMap(({ status }, n) => (status === 'updated' ? [n] : []));
      assert.equal(winners.length, 1);
      assert.deepEqual(await dataOf(harness, handle), { n: winners[0] });
      assert.deepEqual(
        outcomes.filter(({ status }) => status !== 'updated'),
        Array.from({ length: 19 }, () => ({ status: 'stale', version: 2 })),
      );
    });

    scenario('refuses to increment what is no number, or would be no finite one', async (harness) => {
      const record = await stored(harness, { data: '{"text":"1","nil":null,"big":1.7e+308}' });
      for (const [key, by] of Object.entries({ text: 1, nil: 1, big: 1.7e308 })) {
        const data = changes({ set: { other: 1 }, increment: { [key]: by } });
        assert.deepEqual(await harness.store.update(record.handle, { data }), { status: 'not_a_number', key });
      }
      assert.deepEqual({ ...(await harness.store.read(record.handle)) }, record);
    });

    scenario('refuses with the keys that do not hold what was expected', async (harness) => {
      const record = await stored(harness, { data: '{"a":1,"b":{"c":[2]},"d":null}' });
      const update = (expected: Record<string, string | null>): SessionUpdate => ({
        data: changes({ set: { done: true } }),
        expected: new Map(Object.entries(expected)),
        fields: { label: 'changed' },
      });
      const outcome = await harness.store.update(
        record.handle,
        update({ a: '2', b: null, d: 'null', e: '1', f: null }),
      );
      assert.deepEqual(outcome, { status: 'conflict', keys: ['a', 'b', 'e'] });
      assert.deepEqual({ ...(await harness.store.read(record.handle)) }, record);
      const met = await harness.store.update(record.handle, update({ a: '1', b: '{"c":[2]}', d: 'null', e: null }));
      assert.equal(met.status, 'updated');
    });

    scenario('lets one of many that expect the same value win', async (harness) => {
      const record = await stored(harness, { data: '{"seat":null}' });
      const claims = Array.from({ length: 20 }, async (_, n) =>
        harness.store.update(record.handle, {
          data: changes({ set: { seat: n } }),
          expected: new Map([['seat', 'null']]),
        }),
      );
      const outcomes = await Promise.all(claims);
      assert.equal(outcomes.filter(({ status }) => status === 'updated').length, 1);
      assert.equal(outcomes.filter(({ status }) => status === 'conflict').length, 19);
    });

    scenario('refuses data beyond the limit in bytes, and leaves what was there', async (harness) => {
      const record = await stored(harness, { data: '{"a":"é"}' });
      const data = changes({ set: { b: 'é'.repeat(10) } });
      const bytes = Buffer.byteLength('{"a":"é","b":"éééééééééé"}');
      const refused = await harness.store.update(record.handle, {
        data,
        maxDataBytes: bytes - 1,
        fields: { label: 'x' },
        fence: 9,
      });
      assert.deepEqual(refused, { status: 'too_large', bytes });
      assert.deepEqual({ ...(await harness.store.read(record.handle)) }, record);
      assert.equal((await harness.store.update(record.handle, { data, maxDataBytes: bytes })).status, 'updated');
    });

    scenario('remembers the highest fence and refuses a lower one', async (harness) => {
      const { store } = harness;
      const record = await stored(harness, { data: '{"n":0}' });
      const save = async (n: number, fence?: number) =>
        (await store.update(record.handle, { data: changes({ set: { n } }), fence })).status;
      assert.equal(await save(1, 5), 'updated');
      assert.equal(await save(2, 4), 'fenced');
      assert.equal(await save(3, 5), 'updated');
      assert.equal(await save(4), 'updated');
      assert.equal((await store.update(record.handle, { fence: 8 })).status, 'updated');
      assert.equal(await save(5, 7), 'fenced');
      const read = await store.read(record.handle);
      assert.equal(read?.fence, 8);
      assert.equal(read?.data, '{"n":4}');
    });

    scenario('keeps one refused update from harming others under way', async (harness) => {
      const [a, b] = [await stored(harness, { data: '{"t":"x"}' }), await stored(harness)];
      const bad = async () => harness.store.update(a.handle, { data: changes({ increment: { t: 1 } }) });
      const good = async () => harness.store.update(b.handle, { data: changes({ increment: { n: 1 } }) });
      const outcomes = await Promise.all([good(), bad(), good(), bad(), good()]);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['updated', 'not_a_number', 'updated', 'not_a_number', 'updated'],
      );
      assert.deepEqual(await dataOf(harness, b.handle), { n: 3 });
    });
  });
}

interface PlainChanges {
  readonly set?: Record<string, unknown>;
  readonly unset?: readonly string[];
  readonly increment?: Record<string, number>;
}

function changes({ set, unset, increment }: PlainChanges): DataChanges {
  return {
    set: set && new Map(Object.entries(set).map(([key, value]) => [key, JSON.stringify(value)])),
    unset: unset && new Set(unset),
    increment: increment && new Map(Object.entries(increment)),
  };
}

async function dataOf({ store }: StorageHarness, handle: string): Promise<Record<string, unknown>> {
  const record = await store.read(handle);
  return JSON.parse(record?.data ?? 'null') as Record<string, unknown>;
}
