import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeSessionCursor, type SessionRecord } from 'nest-gatehouse/session/storage';
import { SqliteDatabase, SqliteSessionIndex, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { isOver, REVOKED_USER, searchRecords, wantedOf } from '../bench/sections/search-data.js';
import { newSession } from '../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from './support/temporary-directory.js';

const NOW = Date.now();
// More than are looked at in the order of a page, before a range is sorted instead.
const SESSIONS = 30_000;
const LIMIT = 7;
const ORDERS = (['createdAt', 'lastSeenAt'] as const).flatMap((sort) =>
  (['descending', 'ascending'] as const).map((order) => ({ sort, order })),
);

let directory: TemporaryDirectory;
let database: SqliteDatabase;
let index: SqliteSessionIndex;
let store: SqliteSessionStore;

beforeAll(async () => {
  directory = temporaryDirectory();
  database = await SqliteDatabase.open({ file: join(directory.path, 'search.db') });
  const clock = { now: () => NOW };
  store = new SqliteSessionStore(database, clock);
  index = new SqliteSessionIndex(database, clock);
});

afterAll(async () => {
  await database.close();
  directory.remove();
});

describe('Searching in a SQLite file that an older release has written to', () => {
  const agents = { firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' };

  it('finds by device, network and address what that release has left out', async () => {
    const visits = Array.from({ length: 600 }, (_, n) =>
      newSession({ ip: `192.0.2.${n % 200}`, userAgent: n % 2 ? agents.firefox : null }),
    );
    await Promise.all(visits.map((record) => store.insert(record)));
    const forget = () =>
      database.write(() => database.statement('UPDATE sessions SET device = NULL, address = NULL').run());
    for (const [filter, count] of [
      [{ device: 'firefox' }, 300],
      [{ network: '192.0.2.0/25' }, 384],
      [{ ip: '192.0.2.7' }, 3],
    ] as const) {
      await forget();
      expect(await index.count(filter)).toBe(count);
      expect(await index.count({})).toBe(600);
      await forget();
      expect((await index.find(filter, { limit: 200 })).items).toHaveLength(Math.min(200, count));
    }
    await forget();
    expect(await index.end({ device: 'Firefox' }, 1_000)).toHaveLength(300);
    expect(await index.end({}, 1_000)).toHaveLength(300);
  });
});

describe(`Searching ${SESSIONS} sessions`, () => {
  let live: SessionRecord[];

  beforeAll(async () => {
    const records = [...searchRecords(SESSIONS, NOW)];
    live = records.filter((record) => !isOver(record, NOW));
    await Promise.all(records.map((record) => store.insert(record)));
    await index.raiseUserEpoch(REVOKED_USER);
  });

  it.each(wantedOf(NOW))('finds and counts: $name', async ({ filter, fits }) => {
    const expected = live.filter(fits);
    expect(await index.count(filter)).toBe(expected.length);
    for (const { sort, order } of ORDERS) {
      const sign = order === 'ascending' ? 1 : -1;
      expected.sort((a, b) => sign * (a[sort] - b[sort] || (a.handle < b.handle ? -1 : 1)));
      for (const at of [0, Math.floor(expected.length / 2)]) {
        const last = expected[at - 1];
        const cursor = last && encodeSessionCursor(sort, { time: last[sort], handle: last.handle }, order);
        const { items } = await index.find(filter, { limit: LIMIT, sort, order, cursor });
        const handles = expected.slice(at, at + LIMIT).map(({ handle }) => handle);
        expect({ sort, order, at, handles: items.map(({ handle }) => handle) }).toEqual({ sort, order, at, handles });
      }
    }
  });

  it('lets other work pass while it counts and finds', async () => {
    let turns = 0;
    const turn = () => void (turns++, (next = setImmediate(turn)));
    let next = setImmediate(turn);
    await index.count({ state: 'signed-in', device: 'chrome' });
    expect(turns).toBeGreaterThan(3);
    clearImmediate(next);
  });

  it('counts as of one moment, however much is written meanwhile', async () => {
    const filter = { state: 'signed-in' } as const;
    const before = await index.count(filter);
    const counting = index.count(filter);
    let isDone = false;
    void counting.then(() => (isDone = true));
    // One goes and another comes in each transaction, far from each other in the index.
    const going = live.filter(({ userId }) => userId?.startsWith('user-id-')).map(({ handle }) => handle);
    let swapped = 0;
    while (!isDone) {
      const coming = newSession({ userId: swapped % 2 ? 'a' : 'z', createdAt: NOW });
      const [ended] = await Promise.all([store.delete(going[swapped++]!), store.insert(coming)]);
      expect(ended).toBe(true);
    }
    expect(await counting).toBe(before);
    expect(swapped).toBeGreaterThan(1);
    expect(await index.count(filter)).toBe(before);
  });
});
