import { randomBytes } from 'node:crypto';
import { deviceName, isProgramUser, type SessionFilter, type SessionRecord } from 'nest-gatehouse/session/storage';
import { sessionAt } from 'nest-gatehouse/testing';

const DAY = 86_400_000;
const USERS = 100_000;
const NAMESPACES = 20;
const SYSTEMS = [
  'Windows NT 10.0; Win64; x64',
  'X11; Linux x86_64',
  'Macintosh; Intel Mac OS X 10_15_7',
  'Linux; Android 14; Pixel 8',
];
const BROWSERS = [
  'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Gecko/20100101 Firefox/128.0',
  'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0',
  'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 OPR/111.0.0.0',
  'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
];
const AGENTS = [
  ...BROWSERS.flatMap((browser) => SYSTEMS.map((system) => `Mozilla/5.0 (${system}) ${browser}`)),
  // One in a hundred thousand sessions has it.
  'Mozilla/5.0 (PlayStation; PlayStation 5/8.00) AppleWebKit/605.1.15 (KHTML, like Gecko)',
];

/** The user whose epoch is raised: the sessions are revoked, and not swept yet. */
export const REVOKED_USER = 'user-id-7';

/**
 * Sessions of the last 30 days: half anonymous, most others of accounts, some of programs, a few of them over and not
 * swept yet; the same ones each time, but for their handles. Most are seen again for a while after they were created.
 */
export function* searchRecords(size: number, now: number): Iterable<SessionRecord> {
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const integer = (below: number) => Math.floor(random() * below);
  const start = now - 30 * DAY;
  const template = sessionAt(now);
  for (let n = 0; n < size; n++) {
    const createdAt = start + Math.floor((n / size) * 30 * DAY);
    const lastSeenAt = createdAt + Math.floor((now - createdAt) * random() ** 4);
    const isOver = random() < 0.002;
    const end = isOver ? now - 1_000 : now + DAY;
    const ids = [randomBytes(16), randomBytes(32)].map((bytes) => bytes.toString('base64url'));
    yield {
      ...template,
      createdAt,
      secretIssuedAt: createdAt,
      handle: ids[0]!,
      secretHash: ids[1]!,
      ...ownerOf(random, integer),
      lastSeenAt,
      idleExpiresAt: end,
      absoluteExpiresAt: now + 90 * DAY,
      expiresAt: end,
      ip: random() < 0.7 ? `10.${integer(4)}.${integer(256)}.${integer(256)}` : `2001:db8:${hex(integer(4_096))}::1`,
      userAgent: random() < 1e-5 ? AGENTS.at(-1)! : AGENTS[Math.floor(random() ** 2 * (AGENTS.length - 1))]!,
      data: '{"cart":["tea","coffee"],"visits":3}',
    };
  }
}

function ownerOf(random: () => number, integer: (below: number) => number): Partial<SessionRecord> {
  const kind = random();
  if (kind < 0.5) return {};
  if (kind < 0.95) {
    const user = integer(USERS);
    return { userId: `user-id-${user}`, username: `user${user}`, authTime: 1, amr: ['pwd'] };
  }
  const user = `u${integer(1_000)}`;
  return { userId: `sessman:shop${integer(NAMESPACES)}:${user}`, username: user };
}

const hex = (value: number) => (value === 0 ? '1' : value.toString(16));

/** What an administrator asks, and how this process would answer. */
export interface Wanted {
  readonly name: string;
  readonly filter: SessionFilter;
  readonly fits: (record: SessionRecord) => boolean;
}

export function wantedOf(now: number): Wanted[] {
  const ago = (days: number) => now - days * DAY;
  const isAccount = ({ userId }: SessionRecord) => userId !== null && !isProgramUser(userId);
  const hasDevice = (record: SessionRecord, part: string) =>
    (deviceName(record.userAgent) ?? '').toLowerCase().includes(part);
  const list: [string, SessionFilter, Wanted['fits']][] = [
    ['all', {}, () => true],
    ['anonymous', { state: 'anonymous' }, ({ userId }) => userId === null],
    ['signed in', { state: 'signed-in' }, isAccount],
    ['a user id', { userId: 'user-id-5' }, ({ userId }) => userId === 'user-id-5'],
    ['a username', { username: 'user5' }, ({ username }) => username === 'user5'],
    ['prefix, a tenth', { usernamePrefix: 'user5' }, ({ username }) => username?.startsWith('user5') ?? false],
    ['prefix, few', { usernamePrefix: 'user123' }, ({ username }) => username?.startsWith('user123') ?? false],
    ['a namespace', { namespace: 'shop3' }, ({ userId }) => userId?.startsWith('sessman:shop3:') ?? false],
    ['an address', { ip: '10.1.2.3' }, ({ ip }) => ip === '10.1.2.3'],
    ['10.1.0.0/16', { network: '10.1.0.0/16' }, ({ ip }) => ip!.startsWith('10.1.')],
    ['10.1.2.0/24', { network: '10.1.2.0/24' }, ({ ip }) => ip!.startsWith('10.1.2.')],
    ['2001:db8::/32', { network: '2001:db8::/32' }, ({ ip }) => ip!.includes(':')],
    ['device, most', { device: 'chrome' }, (record) => hasDevice(record, 'chrome')],
    ['device, some', { device: 'opera on linux' }, (record) => hasDevice(record, 'opera on linux')],
    ['device, few', { device: 'PlayStation' }, (record) => hasDevice(record, 'playstation')],
    ['created late', { createdAfter: ago(3) }, ({ createdAt }) => createdAt >= ago(3)],
    ['created early', { createdBefore: ago(20) }, ({ createdAt }) => createdAt < ago(20)],
    ['seen early', { lastSeenBefore: ago(15) }, ({ lastSeenAt }) => lastSeenAt < ago(15)],
    ['seen late', { lastSeenSince: ago(2) }, ({ lastSeenAt }) => lastSeenAt >= ago(2)],
    [
      'signed in, chrome',
      { state: 'signed-in', device: 'chrome' },
      (record) => isAccount(record) && hasDevice(record, 'chrome'),
    ],
    [
      'anonymous, /16',
      { state: 'anonymous', network: '10.1.0.0/16' },
      ({ userId, ip }) => userId === null && ip!.startsWith('10.1.'),
    ],
    [
      'signed in, seen early',
      { state: 'signed-in', lastSeenBefore: ago(25) },
      (record) => isAccount(record) && record.lastSeenAt < ago(25),
    ],
  ];
  return list.map(([name, filter, fits]) => ({ name, filter, fits }));
}

export function isOver(record: SessionRecord, now: number): boolean {
  return record.expiresAt <= now || record.userId === REVOKED_USER;
}
