import { join } from 'node:path';
import { HOUR, MINUTE } from '../../../support/apps/fake-clock.js';
import type { HourOfHits } from 'nest-gatehouse/hits/storage';
import {
  SqliteAuditLog,
  SqliteDatabase,
  SqliteHitStore,
  SqliteSessionIndex,
  SqliteSessionStore,
  SqliteUserStore,
} from 'nest-gatehouse/sqlite';
import { aHandle, sessionAt } from 'nest-gatehouse/testing';
import { anEntry } from '../../../support/records/audit-entries.js';
import type { ReferenceServer } from '../../../support/servers/reference-server.js';

/** As long as a username may be, without a place where a line could break. */
export const LONG_NAME = `w${'i'.repeat(62)}m`;
export const HOSTILE = '<img src=x onerror=alert(1)>"\'&';
/** How many sessions each of them has. */
export const CROWDS = { visitor: 500, caller: 60 } as const;
export const ENDED = aHandle();

const DAY = 24 * HOUR;
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const ADDRESSES = ['192.0.2.7', '2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa', '198.51.100.250'];

/** Fills the stores of a server as other processes would: sessions live and ended, accounts, a month of hits. */
export function gatherCrowd(server: ReferenceServer): Promise<void> {
  return onFile(server, async (database) => {
    const now = Date.now();
    const users = new SqliteUserStore(database);
    for (const [n, username] of ['visitor', 'caller', LONG_NAME, HOSTILE].entries())
      await users.insert({
        id: `id-${n}`,
        username,
        canonicalUsername: username,
        createdAt: now - DAY,
        roles: ['staff', 'editor'],
      });
    const store = new SqliteSessionStore(database);
    const insert = (n: number, userId: string, username: string) =>
      store.insert(
        sessionAt(now - (n % 25) * MINUTE, {
          ...{ userId, username, amr: ['pwd'], authTime: now - HOUR, createdAt: now - HOUR - n * 1_000 },
          ...{ ip: ADDRESSES[n % 3]!, userAgent: PHONE, data: JSON.stringify({ cart: ['tea'], theme: 'dark' }) },
        }),
      );
    await Promise.all(Array.from({ length: CROWDS.visitor }, (_, n) => insert(n, 'id-0', 'visitor')));
    await Promise.all(Array.from({ length: CROWDS.caller }, (_, n) => insert(n, 'id-1', 'caller')));
    await insert(1, 'id-2', LONG_NAME);
    await insert(2, 'id-3', HOSTILE);
    await new SqliteAuditLog(database).appendAll([endedAt(now - 2 * HOUR)]);
    await new SqliteHitStore(database).add({
      ...{ writer: 'console-tests', number: 1, at: now, sessions: [] },
      hours: Array.from({ length: 48 }, (_, n) => hourOf(Math.floor(now / HOUR) * HOUR - n * HOUR)),
      days: [0, 1].map((n) => ({ start: Math.floor(now / DAY) * DAY - n * DAY, uniques: 100 + n })),
      limits: { maxRoutes: 500, maxAgents: 50, retention: 90 * DAY, dailyRetention: 730 * DAY },
    });
  });
}

function endedAt(at: number) {
  const createdAt = at - HOUR;
  const times = {
    createdAt,
    lastSeenAt: createdAt,
    idleExpiresAt: at,
    absoluteExpiresAt: at + HOUR,
    authTime: createdAt,
  };
  const session = { username: 'visitor', ip: ADDRESSES[1]!, userAgent: PHONE, amr: ['pwd'], ...times };
  return anEntry(at, {
    id: `${at.toString(16).padStart(12, '0')}000000${'0'.repeat(16)}`,
    type: 'session.ended',
    userId: 'id-0',
    handle: ENDED,
    detail: 'idle',
    session,
  });
}

function hourOf(start: number): HourOfHits {
  const total = 100 + ((start / HOUR) % 50);
  return {
    ...{ start, people: total - 20, bots: 20 },
    routes: [
      { method: 'GET', route: '/', status: { '2xx': total - 30 } },
      { method: 'GET', route: `/a/very/long/pattern/${'of-a-route/'.repeat(8)}:id`, status: { '2xx': 20, '5xx': 1 } },
      { method: 'GET', route: '(unmatched)', status: { '4xx': 9 } },
    ],
    agents: [
      { family: 'Chrome', bot: false, total: total - 20 },
      { family: 'Googlebot', bot: true, total: 20 },
    ],
  };
}

/** How many sessions of this user the store has. */
export function sessionsOf(server: ReferenceServer, username: string): Promise<number> {
  return onFile(server, async (database) => new SqliteSessionIndex(database).count({ usernamePrefix: username }));
}

/** As if the password of this session had been given an hour ago. */
export function ageSignIn(server: ReferenceServer, handle: string): Promise<void> {
  return onFile(server, async (database) => {
    const store = new SqliteSessionStore(database);
    const record = (await store.read(handle))!;
    await store.delete(handle);
    await store.insert({ ...record, authTime: record.createdAt - HOUR });
  });
}

async function onFile<T>({ directory }: ReferenceServer, work: (database: SqliteDatabase) => Promise<T>): Promise<T> {
  const database = await SqliteDatabase.open({ file: join(directory, 'data/gatehouse.db') });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
