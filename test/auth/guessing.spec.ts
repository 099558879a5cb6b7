import { expect, it } from '@jest/globals';
import { HashQueue } from 'nest-gatehouse/auth';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { Latch, until } from '../support/latch.js';
import { codeOf, LOGIN, onOnePlatform, PASSWORD, type AuthApp } from './support/auth-app.js';
import { rawRequest } from './support/raw-request.js';
import { MINUTE, SECOND } from '../support/apps/fake-clock.js';
import { sharingApps } from '../support/apps/combinations.js';

const WRONG = 'a wrong password, quite wrong';
const HOME = '127.0.0.1';
const STRANGER = '127.0.0.2';
const OTHER_STRANGER = '127.0.0.3';

function guess(app: AuthApp, username: string, from = STRANGER, password: unknown = WRONG) {
  return rawRequest(app.url + LOGIN, { from, body: { username, password } });
}

async function statuses(times: number, attempt: () => Promise<{ status: number }>): Promise<number[]> {
  const seen: number[] = [];
  for (let n = 0; n < times; n++) seen.push((await attempt()).status);
  return seen;
}

sharingApps(onOnePlatform)('Guessing', (start) => {
  it('is answered alike for unknown, disabled, hash-less users and a wrong password', async () => {
    const app = await start();
    const { user } = await app.users.create({ username: 'disabled', password: PASSWORD });
    await app.users.create({ username: 'alice', password: PASSWORD });
    await app.users.disable(user.id);
    const { users } = app.app.get(AuthStorage);
    await users.insert({
      id: 'hashless',
      username: 'hashless',
      canonicalUsername: 'hashless',
      createdAt: app.clock.now(),
    });
    const attempts = [
      await guess(app, 'alice'),
      await guess(app, 'unknown'),
      await guess(app, 'disabled', STRANGER, PASSWORD),
      await guess(app, 'hashless', STRANGER, ''),
      await guess(app, 'alice', STRANGER, `${PASSWORD}${'x'.repeat(1_024)}`),
      await guess(app, 'alice', STRANGER, { $ne: null }),
      await guess(app, '\u0000'),
    ];
    const seen = attempts.map(({ status, headers: { date, ...headers }, text }) => ({ status, headers, text }));
    for (const answer of seen) expect(answer).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Session realm="gatehouse"' } });
  });

  it('is free for a while, then waits for one second, two, four', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    expect(await statuses(6, () => guess(app, 'alice'))).toEqual([401, 401, 401, 401, 401, 429]);
    for (const seconds of [1, 2, 4]) {
      const refused = await guess(app, 'alice', STRANGER, PASSWORD);
      expect([refused.status, refused.code, refused.headers['retry-after']]).toEqual([
        429,
        'too_many_attempts',
        String(seconds),
      ]);
      app.clock.advance(seconds * SECOND);
      expect((await guess(app, 'alice')).status).toBe(401);
    }
    app.clock.advance(8 * SECOND);
    expect((await guess(app, 'alice', STRANGER, PASSWORD)).status).toBe(200);
    expect(await statuses(5, () => guess(app, 'alice'))).toEqual([401, 401, 401, 401, 401]);
  });

  it('never waits longer than told, and stops at the hard limit until unlock or a day later', async () => {
    const app = await start({ auth: { freeFailures: 2, maxDelay: '3s', hardLimit: 6, networkLimit: 0 } });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const lock = async () => {
      for (let n = 0; n < 6; n++) {
        expect((await guess(app, 'alice')).status).toBe(401);
        if (n < 5) app.clock.advance(3 * SECOND);
      }
      app.clock.advance(23 * 60 * MINUTE);
      expect((await guess(app, 'alice', STRANGER, PASSWORD)).headers['retry-after']).toBe(String(3_600));
    };
    await lock();
    await app.users.unlock(user.id);
    expect((await guess(app, 'alice', STRANGER, PASSWORD)).status).toBe(200);
    const { users } = app.app.get(AuthStorage);
    await users.update(user.id, { knownNetworks: [] });
    await lock();
    app.clock.advance(60 * MINUTE);
    expect((await guess(app, 'alice', STRANGER, PASSWORD)).status).toBe(200);
  });

  it('tells by no refusal whether a user exists', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const [known, unknown] = [
      await statuses(7, () => guess(app, 'alice')),
      await statuses(7, () => guess(app, 'nobody')),
    ];
    expect(known).toEqual(unknown);
    const [first, second] = [await guess(app, 'alice'), await guess(app, 'nobody')];
    expect({ ...first, headers: { ...first.headers, date: '' } }).toEqual({
      ...second,
      headers: { ...second.headers, date: '' },
    });
  });

  it('passes no limit by 100 parallel guesses, letter case, spelling or another network', async () => {
    const app = await start({ auth: { networkLimit: 0 } });
    await app.users.create({ username: 'Alice', password: PASSWORD });
    const spellings = ['alice', 'ALICE', 'Ａlice', 'aLiCe'];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => guess(app, spellings[n % 4]!, n % 2 ? STRANGER : OTHER_STRANGER)),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(95);
  });

  it('passes no limit by another pathway', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const seen = [
      await client.post('/auth/reauthenticate', { password: WRONG }),
      await client.post('/auth/password', { currentPassword: WRONG, newPassword: PASSWORD }),
      await client.post('/auth/reauthenticate', { password: WRONG }),
      await client.post('/auth/password', { currentPassword: WRONG, newPassword: 'short' }),
      await app.browser().post(LOGIN, { username: 'alice', password: WRONG }),
    ];
    expect(seen.map(codeOf)).toEqual(Array.from({ length: 5 }, () => 'invalid_credentials'));
    expect(codeOf(await client.post('/auth/reauthenticate', { password: PASSWORD }))).toBe('too_many_attempts');
    expect(codeOf(await client.post('/auth/password', { currentPassword: PASSWORD, newPassword: PASSWORD }))).toBe(
      'too_many_attempts',
    );
    expect((await client.get('/auth/me')).status).toBe(200);
  });

  it('locks nobody out at home', async () => {
    const app = await start({ auth: { networkLimit: 0 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    expect((await guess(app, 'alice', HOME, PASSWORD)).status).toBe(200);
    await statuses(6, () => guess(app, 'alice', STRANGER));
    expect((await guess(app, 'alice', OTHER_STRANGER, PASSWORD)).status).toBe(429);
    expect((await guess(app, 'alice', HOME, PASSWORD)).status).toBe(200);
    expect((await guess(app, 'alice', STRANGER, PASSWORD)).status).toBe(429);
  });

  it('of many usernames from one network is stopped, and counts no success', async () => {
    const app = await start({ auth: { networkLimit: 6, maxSessionsPerUser: 0 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    expect(await statuses(8, () => guess(app, 'alice', STRANGER, PASSWORD))).toEqual(
      Array.from({ length: 8 }, () => 200),
    );
    const names = Array.from({ length: 20 }, (_, n) => `user${n}`);
    const answers = await Promise.all(names.map((name) => guess(app, name)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(6);
    const refused = await guess(app, 'alice', STRANGER, PASSWORD);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '600']);
    const spoofed = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9', 'x-real-ip': '203.0.113.9' };
    const body = { username: 'alice', password: PASSWORD };
    expect((await rawRequest(app.url + LOGIN, { from: STRANGER, headers: spoofed, body })).status).toBe(429);
    expect((await guess(app, 'alice', OTHER_STRANGER, PASSWORD)).status).toBe(200);
    app.clock.advance(10 * MINUTE);
    expect((await guess(app, 'alice', STRANGER, PASSWORD)).status).toBe(200);
  });

  it('finds all 80 characters significant', async () => {
    const app = await start();
    const long = `${'é'.repeat(79)}a`;
    await app.users.create({ username: 'alice', password: long });
    expect((await guess(app, 'alice', HOME, `${'é'.repeat(79)}b`)).status).toBe(401);
    expect((await guess(app, 'alice', HOME, long)).status).toBe(200);
    expect((await guess(app, 'alice', HOME, `${'e\u0301'.repeat(79)}a`)).status).toBe(200);
  });

  it('is busy, and counts nothing, where too many wait for their turn', async () => {
    const app = await start({ auth: { hashQueue: 1, networkLimit: 0 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const queue = app.app.get(HashQueue);
    const latch = new Latch();
    const held = Array.from({ length: queue.width }, () => queue.run(() => latch.opened));
    let answered = 0;
    const attempts = Array.from({ length: 40 }, () =>
      guess(app, 'alice', STRANGER, PASSWORD).finally(() => answered++),
    );
    await until('all but the one that waits are answered', () => answered === 39);
    latch.open();
    await Promise.all(held);
    const answers = await Promise.all(attempts);
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy).toHaveLength(39);
    expect(busy[0]).toMatchObject({ code: 'busy', headers: { 'retry-after': '10' } });
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await guess(app, 'alice', STRANGER, PASSWORD)).status).toBe(200);
  });
});
