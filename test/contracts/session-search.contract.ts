import assert from 'node:assert/strict';
import type { SessionFilter, SessionPage, SessionRecord } from 'nest-gatehouse/session/storage';
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
import {
  anyOf,
  chance,
  DEVICES,
  drawFilter,
  drawSession,
  fits,
  NETWORKS,
  randomFrom,
  type Random,
} from './search-model.js';

type Order = Required<Pick<SessionPage, 'sort' | 'order'>>;

const ORDERS: readonly Order[] = (['createdAt', 'lastSeenAt'] as const).flatMap((sort) =>
  (['descending', 'ascending'] as const).map((order) => ({ sort, order })),
);
const RUNS = 12;
const SESSIONS = 60;

/** What every `SessionIndex` promises for filters, orders and pages. */
export function sessionSearchContract(name: string, factory: StorageHarnessFactory, runner?: TestRunner): void {
  suite(`${name}: SessionIndex, searching`, factory, runner, (scenario) => {
    scenario('finds by name, by its beginning, by state and by namespace', async (harness) => {
      const ann = await stored(harness, { userId: 'u1', username: 'ann' });
      const anna = await stored(harness, { userId: 'u2', username: 'anna' });
      const bob = await stored(harness, { userId: 'u3', username: 'a%b_\u{10ffff}' });
      const nameless = await stored(harness, { userId: 'u4' });
      const shop = await stored(harness, { userId: 'sessman:shop:ann', username: 'ann' });
      const shopping = await stored(harness, { userId: 'sessman:shopping:eve', username: 'eve' });
      const nobody = await stored(harness);
      const cases: [SessionFilter, SessionRecord[]][] = [
        [{ username: 'ann' }, [ann, shop]],
        [{ username: 'an' }, []],
        [{ usernamePrefix: 'ann' }, [ann, anna, shop]],
        [{ usernamePrefix: '' }, [ann, anna, bob, shop, shopping]],
        [{ usernamePrefix: 'a%' }, [bob]],
        [{ usernamePrefix: 'a%b_' }, [bob]],
        [{ usernamePrefix: 'A' }, []],
        [{ state: 'live' }, [ann, anna, bob, nameless, shop, shopping, nobody]],
        [{ state: 'anonymous' }, [nobody]],
        [{ state: 'signed-in' }, [ann, anna, bob, nameless]],
        [{ state: 'signed-in', username: 'ann' }, [ann]],
        [{ state: 'anonymous', userId: 'u1' }, []],
        [{ state: 'signed-in', userId: null }, []],
        [{ state: 'anonymous', userId: null }, [nobody]],
        [{ namespace: 'shop' }, [shop]],
        [{ namespace: 'shopping', usernamePrefix: 'e' }, [shopping]],
        [{ namespace: 'sho' }, []],
        [{ namespace: '' }, []],
      ];
      await answersAll(harness, cases);
    });

    scenario('finds by the network of the address', async (harness) => {
      const records = new Map<string | null, SessionRecord>();
      for (const ip of [...NETWORKS.flatMap(({ members }) => members), 'unknown', null]) {
        if (!records.has(ip)) records.set(ip, await stored(harness, { ip }));
      }
      await answersAll(
        harness,
        NETWORKS.map(({ network, members }) => [{ network }, members.map((ip) => records.get(ip)!)]),
      );
      for (const ip of records.keys()) {
        if (ip !== null) await answersAll(harness, [[{ ip }, [records.get(ip)!]]]);
      }
      for (const network of ['', 'x', '10.0.0.0/33', '10.0.0.0/', '10.0/8', '::/129', '10.0.0.0/8/8', '10.0.0.0/-1']) {
        await assert.rejects(async () => harness.index.find({ network }, { limit: 1 }), RangeError, network);
      }
    });

    scenario('finds by a part of the device’s name, whatever the case', async (harness) => {
      const records = await Promise.all(
        Object.keys(DEVICES).map(async (userAgent) => stored(harness, { userAgent, userId: 'u1' })),
      );
      const none = await stored(harness);
      const named = (part: string) => records.filter(({ userAgent }) => DEVICES[userAgent!]!.includes(part));
      const cases = ['Firefox', 'firefox', 'ON LINUX', 'on', 'safari on ', '%', 'nothing such'].map(
        (device): [SessionFilter, SessionRecord[]] => [{ device }, named(device.toLowerCase())],
      );
      assert.ok(cases.filter(([, found]) => found.length > 1).length > 2);
      await answersAll(harness, [...cases, [{ device: '' }, [...records, none]]]);
    });

    scenario('finds by the time of creation, from one moment to before another', async (harness) => {
      const at = harness.now();
      const made = [];
      for (let n = 0; n < 6; n++) made.push(await stored(harness, { createdAt: at + n, lastSeenAt: at + 10 - n }));
      await answersAll(harness, [
        [{ createdAfter: at + 2 }, made.slice(2)],
        [{ createdBefore: at + 2 }, made.slice(0, 2)],
        [{ createdAfter: at + 1, createdBefore: at + 4 }, made.slice(1, 4)],
        [{ createdAfter: at + 4, createdBefore: at + 1 }, []],
        [{ createdAfter: at + 1, lastSeenSince: at + 7 }, made.slice(1, 4)],
        [{ userId: null, createdBefore: at + 3, lastSeenBefore: at + 10 }, made.slice(1, 3)],
      ]);
    });

    scenario('agrees with a list that is filtered and sorted, in every order and page', async (harness) => {
      for (let run = 0; run < RUNS; run++) {
        const random = randomFrom(run);
        const model = await drawn(harness, random);
        for (let n = 0; n < 12; n++) {
          const filter = drawFilter(random, harness.now());
          const where = `run ${run}: ${JSON.stringify(filter)}`;
          const expected = model.filter((record) => fits(record, filter));
          assert.equal(await harness.index.count(filter), expected.length, where);
          const order = anyOf(random, ORDERS);
          const { seen } = await pageThrough(harness, filter, order, 1 + Math.floor(random() * 9));
          assert.deepEqual(seen, handlesInOrder(sorted(expected, order)), `${where} ${JSON.stringify(order)}`);
        }
        await emptied(harness, model, drawFilter(random, harness.now()), `run ${run}`);
        await emptied(harness, [], {}, `run ${run}`);
      }
    });

    scenario('shows every other session once, while some start and end between pages', async (harness) => {
      for (let run = 0; run < RUNS; run++) {
        const random = randomFrom(1_000 + run);
        const model = await drawn(harness, random);
        const filter = drawFilter(random, harness.now());
        const order = anyOf(random, ORDERS);
        const passing = new Set<string>();
        const { seen } = await pageThrough(harness, filter, order, 1 + Math.floor(random() * 9), async () => {
          const ended = anyOf(random, model);
          const started = await stored(harness, drawSession(random, harness.now()));
          if (chance(random, 0.5)) await harness.store.delete(ended.handle);
          for (const { handle } of [ended, started]) passing.add(handle);
        });
        const where = `run ${run}: ${JSON.stringify({ filter, ...order })}`;
        assert.equal(new Set(seen).size, seen.length, where);
        const expected = sorted(model, order).filter((record) => fits(record, filter) && !passing.has(record.handle));
        assert.deepEqual(
          seen.filter((handle) => !passing.has(handle)),
          handlesInOrder(expected),
          where,
        );
        await emptied(harness, [], {}, where);
      }
    });
  });
}

/** Both ways of asking, in every order. */
async function answersAll(harness: StorageHarness, cases: readonly [SessionFilter, SessionRecord[]][]): Promise<void> {
  for (const [filter, expected] of cases) {
    const where = JSON.stringify(filter);
    assert.equal(await harness.index.count(filter), expected.length, where);
    for (const order of ORDERS) {
      const { items } = await harness.index.find(filter, { limit: 100, ...order });
      assert.deepEqual(handlesInOrder(items), handlesInOrder(sorted(expected, order)), where + JSON.stringify(order));
    }
  }
}

/** Stores sessions, some of which are over by the time that this resolves. @returns the others */
async function drawn(harness: StorageHarness, random: Random): Promise<SessionRecord[]> {
  const live: SessionRecord[] = [];
  for (let n = 0; n < SESSIONS; n++) {
    const session = drawSession(random, harness.now());
    const kind = random();
    if (kind < 0.1) {
      const { createdAt, lastSeenAt, ...traits } = session;
      await harness.store.insert(shortRecord(harness, 20, { ...traits, createdAt, lastSeenAt }));
    } else if (kind < 0.2) {
      await stored(harness, { ...session, userId: 'outdated' });
    } else {
      live.push(newRecord(harness, session));
      await harness.store.insert(live.at(-1)!);
    }
  }
  await harness.index.raiseUserEpoch('outdated');
  await harness.elapse(30);
  return live;
}

/** Ends what matches, in small batches: that, and nothing else. */
async function emptied(
  { index }: StorageHarness,
  model: readonly SessionRecord[],
  filter: SessionFilter,
  where: string,
): Promise<void> {
  const ended: string[] = [];
  for (let some = await index.end(filter, 7); some.length > 0; some = await index.end(filter, 7)) {
    assert.ok(some.length <= 7);
    ended.push(...handlesOf(some));
  }
  assert.equal(await index.count(filter), 0, where);
  if (model.length === 0) return;
  const expected = model.filter((record) => fits(record, filter));
  assert.deepEqual(ended.sort(), handlesOf(expected), `${where}: ${JSON.stringify(filter)}`);
  assert.equal(await index.count({}), model.length - expected.length, where);
}

async function pageThrough(
  { index }: StorageHarness,
  filter: SessionFilter,
  order: Order,
  limit: number,
  between: () => Promise<void> = async () => undefined,
): Promise<{ seen: string[] }> {
  const seen: string[] = [];
  for (let cursor: string | undefined; ;) {
    const { items, next } = await index.find(filter, { limit, cursor, ...order });
    seen.push(...handlesInOrder(items));
    if (next === null) return { seen };
    assert.equal(items.length, limit);
    cursor = next;
    await between();
  }
}

function sorted(records: readonly SessionRecord[], { sort, order }: Order): SessionRecord[] {
  const sign = order === 'ascending' ? 1 : -1;
  return [...records].sort((a, b) => sign * (a[sort] - b[sort] || (a.handle < b.handle ? -1 : 1)));
}
