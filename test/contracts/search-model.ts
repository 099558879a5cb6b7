import { isProgramUser, type SessionFilter, type SessionRecord } from 'nest-gatehouse/session/storage';

/** A number from 0 to below 1, the same sequence for the same seed. */
export type Random = () => number;

/** Marsaglia's xorshift. */
export function randomFrom(seed: number): Random {
  let state = (seed + 1) * 2_654_435_761;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let n = 0; n < 8; n++) next();
  return next;
}

export function anyOf<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

export function chance(random: Random, share: number): boolean {
  return random() < share;
}

/** Networks, and the addresses in them. */
export const NETWORKS: readonly { readonly network: string; readonly members: readonly string[] }[] = [
  { network: '10.0.0.0/8', members: ['10.0.0.1', '10.1.2.3', '10.255.255.255', '::ffff:10.1.2.4'] },
  { network: '10.1.99.99/16', members: ['10.1.2.3', '::ffff:10.1.2.4'] },
  { network: '10.1.2.2/31', members: ['10.1.2.3'] },
  { network: '10.0.0.1', members: ['10.0.0.1'] },
  { network: '0.0.0.0/0', members: ['10.0.0.1', '10.1.2.3', '10.255.255.255', '::ffff:10.1.2.4', '192.0.2.1'] },
  { network: '::ffff:10.0.0.0/104', members: ['10.0.0.1', '10.1.2.3', '10.255.255.255', '::ffff:10.1.2.4'] },
  { network: '2001:db8::/32', members: ['2001:db8::1', '2001:db8:0:1::1'] },
  { network: '2001:db8::/64', members: ['2001:db8::1'] },
  { network: '2001:0db8:0:1::/61', members: ['2001:db8::1', '2001:db8:0:1::1'] },
  { network: '::/0', members: ['2001:db8::1', '2001:db8:0:1::1', '2001:db9::1'] },
  { network: '192.0.2.128/25', members: [] },
];

const LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';

/** User agents, and the names of their devices in lower case. */
export const DEVICES: Readonly<Record<string, string>> = {
  [LINUX]: 'firefox on linux',
  [WINDOWS]: 'firefox on windows',
  [PHONE]: 'safari on ios',
  [CHROME]: 'chrome on linux',
};

const USERS: readonly Partial<SessionRecord>[] = [
  { userId: null, username: null },
  { userId: null, username: null },
  { userId: 'u1', username: 'ann' },
  { userId: 'u2', username: 'anna' },
  { userId: 'u3', username: null },
  { userId: 'sessman:shop:ann', username: 'ann' },
  { userId: 'sessman:shop:bob', username: 'bob' },
  { userId: 'sessman:bank:bob', username: 'bob' },
];
const ADDRESSES = [null, ...new Set(NETWORKS.flatMap(({ members }) => members))];
const AGENTS = [null, ...Object.keys(DEVICES)];
// Few moments, so that many sessions have the same.
const MOMENTS = 12;

/** No session is seen before it is created: stores may rely on it. */
export function drawSession(random: Random, now: number): Partial<SessionRecord> {
  const moments = [momentOf(random, now), momentOf(random, now)];
  return {
    ...anyOf(random, USERS),
    ip: anyOf(random, ADDRESSES),
    userAgent: anyOf(random, AGENTS),
    createdAt: Math.min(...moments),
    lastSeenAt: Math.max(...moments),
  };
}

function momentOf(random: Random, now: number): number {
  return now - (now % 1_000_000) + Math.floor(random() * MOMENTS);
}

/** Mostly one or two conditions. */
export function drawFilter(random: Random, now: number): SessionFilter {
  const conditions: readonly (() => SessionFilter)[] = [
    () => ({ userId: anyOf(random, USERS).userId! }),
    () => ({ username: anyOf(random, ['ann', 'anna', 'bob', 'eve']) }),
    () => ({ usernamePrefix: anyOf(random, ['a', 'ann', 'b', '', 'x']) }),
    () => ({ state: anyOf(random, ['live', 'anonymous', 'signed-in'] as const) }),
    () => ({ namespace: anyOf(random, ['shop', 'bank', 'none']) }),
    () => ({ ip: anyOf(random, ADDRESSES) ?? '192.0.2.9' }),
    () => ({ network: anyOf(random, NETWORKS).network }),
    () => ({ device: anyOf(random, ['firefox', 'Linux', 'on', 'opera']) }),
    () => ({ createdAfter: momentOf(random, now) }),
    () => ({ createdBefore: momentOf(random, now) }),
    () => ({ lastSeenSince: momentOf(random, now) }),
    () => ({ lastSeenBefore: momentOf(random, now) }),
  ];
  const count = Math.floor(random() * 4);
  return Object.assign({}, ...Array.from({ length: count }, () => anyOf(random, conditions)())) as SessionFilter;
}

/** Whether a record meets every condition, told by the tables above. */
export function fits(record: SessionRecord, filter: SessionFilter): boolean {
  const { userId, username, ip, userAgent, createdAt, lastSeenAt } = record;
  const device = userAgent === null ? '' : DEVICES[userAgent]!;
  const network = NETWORKS.find((known) => known.network === filter.network);
  const given = <T>(condition: T | undefined, holds: (condition: T) => boolean) =>
    condition === undefined || holds(condition);
  return (
    given(filter.userId, (id) => userId === id) &&
    given(filter.username, (name) => username === name) &&
    given(filter.usernamePrefix, (prefix) => username !== null && username.startsWith(prefix)) &&
    given(filter.namespace, (name) => userId !== null && userId.startsWith(`sessman:${name}:`)) &&
    (filter.state !== 'anonymous' || userId === null) &&
    (filter.state !== 'signed-in' || (userId !== null && !isProgramUser(userId))) &&
    given(filter.ip, (address) => ip === address) &&
    given(network, ({ members }) => ip !== null && members.includes(ip)) &&
    given(filter.device, (part) => device.includes(part.toLowerCase())) &&
    given(filter.createdAfter, (time) => createdAt >= time) &&
    given(filter.createdBefore, (time) => createdAt < time) &&
    given(filter.lastSeenSince, (time) => lastSeenAt >= time) &&
    given(filter.lastSeenBefore, (time) => lastSeenAt < time)
  );
}
