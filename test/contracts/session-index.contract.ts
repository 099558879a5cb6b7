import assert from 'node:assert/strict';
import { BadCursorError } from 'nest-gatehouse/common';
import { type SessionFilter, type SessionSummary, toSummary } from 'nest-gatehouse/session/storage';
import { sessionEndingContract } from './session-ending.contract.js';
import { sessionSearchContract } from './session-search.contract.js';
import {
  handlesInOrder,
  handlesOf,
  newRecord,
  shortRecord,
  stored,
  suite,
  type StorageHarness,
  type StorageHarnessFactory,
  type TestRunner,
} from './harness.js';

/** What every `SessionIndex` promises. */
export function sessionIndexContract(name: string, factory: StorageHarnessFactory, runner?: TestRunner): void {
  sessionEndingContract(name, factory, runner);
  sessionSearchContract(name, factory, runner);
  suite(`${name}: SessionIndex`, factory, runner, (scenario) => {
    scenario('lists summaries: everything but hashes and data', async (harness) => {
      const record = await stored(harness, {
        userId: 'ann',
        label: 'x',
        ip: '10.0.0.1',
        amr: ['pwd'],
        data: '{"secret":1}',
      });
      const { items, next } = await harness.index.find({}, { limit: 10 });
      assert.deepEqual(
        Array.from(items, (item) => ({ ...item })),
        [toSummary(record)],
      );
      assert.equal(next, null);
    });

    scenario('finds and counts by user, address, and last activity, all together', async (harness) => {
      const start = harness.now();
      const one = await stored(harness, { userId: 'ann', ip: '10.0.0.1', lastSeenAt: start + 1 });
      const two = await stored(harness, { userId: 'ann', ip: '10.0.0.2', lastSeenAt: start + 2 });
      const three = await stored(harness, { userId: 'bob', ip: '10.0.0.1', lastSeenAt: start + 3 });
      const four = await stored(harness, { ip: '10.0.0.1', lastSeenAt: start + 4 });
      const five = await stored(harness, { lastSeenAt: start + 5 });
      const cases: [SessionFilter, { handle: string }[]][] = [
        [{}, [one, two, three, four, five]],
        [{ userId: 'ann' }, [one, two]],
        [{ userId: 'nobody' }, []],
        [{ userId: null }, [four, five]],
        [{ ip: '10.0.0.1' }, [one, three, four]],
        [{ ip: '10.0.0.1', userId: null }, [four]],
        [{ lastSeenBefore: start + 3 }, [one, two]],
        [{ lastSeenSince: start + 3 }, [three, four, five]],
        [{ lastSeenSince: start + 2, lastSeenBefore: start + 5, ip: '10.0.0.1' }, [three, four]],
        [{ userId: 'ann', ip: '10.0.0.2', lastSeenSince: start }, [two]],
      ];
      for (const [filter, expected] of cases) {
        for (const sort of ['createdAt', 'lastSeenAt'] as const) {
          const { items } = await harness.index.find(filter, { limit: 50, sort });
          assert.deepEqual(handlesOf(items), handlesOf(expected), JSON.stringify({ filter, sort }));
        }
        assert.equal(await harness.index.count(filter), expected.length, JSON.stringify(filter));
      }
    });

    scenario('sees live sessions only', async (harness) => {
      const { store, index } = harness;
      await store.insert(shortRecord(harness, 50, { userId: 'ann' }));
      await stored(harness, { userId: 'bob' });
      await index.raiseUserEpoch('bob');
      const live = await stored(harness);
      await harness.elapse(70);
      const { items } = await index.find({}, { limit: 10 });
      assert.deepEqual(handlesOf(items), [live.handle]);
      assert.equal(await index.count({}), 1);
      assert.deepEqual(handlesOf(await index.end({}, 10)), [live.handle]);
    });

    for (const sort of ['createdAt', 'lastSeenAt'] as const) {
      scenario(`pages newest first by ${sort}, ties by handle`, async (harness) => {
        const start = harness.now();
        for (let n = 0; n < 23; n++)
          await stored(harness, { [sort]: start + Math.floor(n / 4), userId: n % 2 ? 'ann' : null });
        for (const filter of [{}, { userId: 'ann' }, { userId: null }]) {
          const all = (await harness.index.find(filter, { limit: 200, sort })).items;
          const sorted = [...all].sort((a, b) => b[sort] - a[sort] || (a.handle < b.handle ? 1 : -1));
          assert.deepEqual(handlesInOrder(all), handlesInOrder(sorted));
          for (const limit of [1, 4, 5, 23]) {
            assert.deepEqual(
              handlesInOrder(await pages(harness, filter, limit, sort)),
              handlesInOrder(all),
              `limit ${limit}`,
            );
          }
        }
      });
    }

    scenario('neither repeats nor hides sessions while others come and go between pages', async (harness) => {
      const { store, index } = harness;
      const start = harness.now();
      const records = [];
      for (let n = 0; n < 30; n++) records.push(await stored(harness, { createdAt: start + n }));
      const seen: string[] = [];
      let cursor: string | undefined;
      for (let page = 0; ; page++) {
        const { items, next } = await index.find({}, { limit: 5, cursor });
        seen.push(...handlesInOrder(items));
        if (!next) break;
        cursor = next;
        // One that was shown goes, the last of the page among them; one comes at each end.
        await store.delete(items[4]!.handle);
        await store.insert(newRecord(harness, { createdAt: start + 1_000 + page }));
      }
      assert.deepEqual(seen, records.map(({ handle }) => handle).reverse());
    });

    scenario('refuses a cursor that it did not give out for this order', async (harness) => {
      const { index } = harness;
      for (let n = 0; n < 3; n++) await stored(harness);
      const { next } = await index.find({}, { limit: 1 });
      const foreign = ['', 'x', '{}', 'null', '💥', Buffer.from('["createdAt",null,1]').toString('base64url')];
      for (const cursor of foreign) {
        await assert.rejects(async () => index.find({}, { limit: 1, cursor }), BadCursorError, JSON.stringify(cursor));
      }
      await assert.rejects(async () => index.find({}, { limit: 1, cursor: next!, sort: 'lastSeenAt' }), BadCursorError);
    });

    scenario('follows a session that signs in', async (harness) => {
      const { store, index } = harness;
      const record = await stored(harness);
      await store.update(record.handle, { fields: { userId: 'ann' } });
      assert.equal(await index.count({ userId: 'ann' }), 1);
      assert.equal(await index.count({ userId: null }), 0);
      await store.delete(record.handle);
      assert.equal(await index.count({ userId: 'ann' }), 0);
    });

    scenario('takes user names of any kind as they are', async (harness) => {
      const names = [
        'a',
        'a\u0000b',
        'a\u0001',
        '\u0001\u0000',
        "'; DROP TABLE sessions; --",
        '$ne',
        '__proto__',
        '%',
        'A',
        ' a',
      ];
      for (const userId of names) await stored(harness, { userId });
      for (const userId of names) {
        const { items } = await harness.index.find({ userId }, { limit: 10 });
        assert.deepEqual(
          Array.from(items, (item) => item.userId),
          [userId],
        );
        assert.equal(await harness.index.raiseUserEpoch(userId), 1);
        assert.equal(await harness.index.count({ userId }), 0);
      }
    });
  });
}

async function pages(
  { index }: StorageHarness,
  filter: SessionFilter,
  limit: number,
  sort: 'createdAt' | 'lastSeenAt',
): Promise<SessionSummary[]> {
  const all: SessionSummary[] = [];
  for (let cursor: string | undefined; ;) {
    const { items, next } = await index.find(filter, { limit, sort, cursor });
    all.push(...items);
    if (next === null) return all;
    assert.equal(items.length, limit);
    cursor = next;
  }
}
