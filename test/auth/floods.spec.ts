import { describe, expect, it } from '@jest/globals';
import { HashQueue } from 'nest-gatehouse/auth';
import type { Platform } from '../support/apps/platforms.js';
import { Latch, until } from '../support/latch.js';
import { PASSWORD } from './support/auth-app.js';
import { withProxiedApp, type Headers, type ProxiedApp } from './support/proxied-app.js';

const ATTEMPTS = 60;
const WRONG_PASSWORD = 'a wrong password, quite wrong';
const HOME = '192.0.2.7';
const STRANGER = '198.51.100.7';
const NEIGHBOUR = '2001:db8:ffff:ffff::1';

function by(address: string): Headers {
  return { 'x-forwarded-for': address };
}

type Attempt = (app: ProxiedApp, n: number) => Promise<{ status: number }>;

/** What one client can do to the others, each attempt of it. The queue of hashes does not know the platform: one is enough for each. */
const FLOODS: readonly (readonly [kind: string, platform: Platform, attempt: Attempt])[] = [
  ['parallel correct sign-ins of one account', 'express', (app) => app.login(by('203.0.113.1'), 'mallory')],
  ['the same from rotating networks', 'fastify', (app, n) => app.login(by(`203.0.${n}.1`), 'mallory')],
  [
    'guesses from rotating IPv6 /64s',
    'express',
    (app, n) => app.login(by(`2001:db8:0:${n.toString(16)}::1`), `user${n}`, WRONG_PASSWORD),
  ],
];

describe('During a flood', () => {
  const auth = { bcryptCost: 8, hashWait: '1m', networkLimit: 0, maxSessionsPerUser: 0 } as const;

  it.each(FLOODS)('of %s everybody else signs in (%s)', async (_, platform, attempt) => {
    await withProxiedApp({ platform, trust: 'loopback', auth }, async (app) => {
      for (const username of ['mallory', 'bob', 'carol']) await app.users.create({ username, password: PASSWORD });
      expect((await app.login(by(HOME), 'bob')).status).toBe(200);
      const queue = app.app.get(HashQueue);
      // Whoever comes waits, however quick the machine is or slow its clients are.
      const places = new Latch();
      for (let n = 0; n < queue.width; n++) void queue.run(() => places.opened);

      const flood = Array.from({ length: ATTEMPTS }, (_, n) => attempt(app, n));
      await until('the flood waits', () => queue.length > ATTEMPTS / 2);
      const waiting = queue.length;
      const others = [app.login(by(STRANGER)), app.login(by(NEIGHBOUR), 'carol'), app.login(by(HOME), 'bob')];
      await until('the others wait too', () => queue.length >= waiting + others.length);
      places.open();
      const statuses = (await Promise.all(others)).map(({ status }) => status);
      // They came last, and do not wait until the flood is over.
      expect([statuses, queue.length > 0]).toEqual([[200, 200, 200], true]);

      const codes = new Set((await Promise.all(flood)).map(({ status }) => status));
      for (const status of codes) expect([200, 401, 503]).toContain(status);
    });
  });
});
