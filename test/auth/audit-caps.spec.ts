import { expect, it } from '@jest/globals';
import { Controller, Get, Post, Req } from '@nestjs/common';
import { AuditService, Roles } from 'nest-gatehouse/auth';
import type { AuditEntry } from 'nest-gatehouse/auth/storage';
import type { Session } from 'nest-gatehouse/session';
import { MINUTE, SECOND } from '../support/apps/fake-clock.js';
import { until } from '../support/latch.js';
import { AuditLines } from './support/audit-lines.js';
import { countOf, leftOutOf, trailOf } from './support/audit-trail.js';
import { LOGIN, onOnePlatform, PASSWORD, type AuthApp } from './support/auth-app.js';
import { rawRequest } from './support/raw-request.js';

const HOME = '127.0.0.1';
const ATTACKER = '127.0.0.2';
const VICTIM = '127.0.0.3';
const WRONG = 'a wrong password, quite wrong';
/** More different tokens than are looked up. */
const DOUBLED = [...'ABCDE'].map((letter) => `sid=${letter.repeat(22)}.${letter.repeat(43)}`).join('; ');
/** Hundreds of requests on a busy machine are no outage. */
const auth = { storeDeadline: 20 * SECOND };
const session = { storeDeadline: 20 * SECOND };

@Controller('things')
class ThingsController {
  @Get('admin')
  @Roles('admin')
  admin() {
    return { fine: true };
  }

  @Post('renew')
  async renew(@Req() request: { session: Session }) {
    await request.session.rotate();
  }
}

const controllers = [ThingsController];

/** Many at once, but not more than a machine likes. */
async function many(count: number, request: (n: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at += 20)
    await Promise.all(Array.from({ length: Math.min(20, count - at) }, (_, n) => request(at + n)));
}

function doubledCookies(app: AuthApp, from: string) {
  return rawRequest(`${app.url}/nowhere`, { method: 'GET', from, headers: { cookie: DOUBLED } });
}

function guess(app: AuthApp, from: string, username = 'alice') {
  return rawRequest(app.url + LOGIN, { from, body: { username, password: WRONG } });
}

onOnePlatform('The caps of the audit trail', (start) => {
  it('let no network hide what comes from another one, or of another type', async () => {
    const app = await start({ auth, session });
    const lines = new AuditLines(app.app);
    await app.users.create({ username: 'alice', password: PASSWORD });
    await many(320, () => doubledCookies(app, ATTACKER));
    for (let n = 0; n < 5; n++) await guess(app, ATTACKER);
    await many(40, () => guess(app, ATTACKER));
    expect((await guess(app, VICTIM, 'ALICE')).status).toBe(429);
    await doubledCookies(app, VICTIM);
    await until('the last refusal is on record', async () =>
      (await trailOf(app, 'session.refused')).some(({ ip }) => ip === VICTIM),
    );

    const seen = ({ type, ip }: Partial<AuditEntry>) => `${type} ${ip}`;
    const trail = (await trailOf(app)).map(seen);
    const logged = lines.fields().map(seen);
    for (const [expected, times] of [
      [`login.throttled ${VICTIM}`, 1],
      [`session.refused ${VICTIM}`, 1],
      [`login.throttled ${ATTACKER}`, 30],
      [`session.refused ${ATTACKER}`, 30],
    ] as const) {
      for (const where of [trail, logged])
        expect([expected, where.filter((each) => each === expected).length]).toEqual([expected, times]);
    }
    lines.stop();
  });

  it('let an ordinary user write no more than their share, and sum up the rest once a minute', async () => {
    const app = await start({ controllers, auth, session });
    const { user } = await app.users.create({ username: 'mallory', password: PASSWORD });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const [mallory, alice] = [await app.signedIn('mallory'), await app.signedIn('alice')];
    await many(100, () => mallory.get('/things/admin'));
    await alice.get('/things/admin');
    const denied = await trailOf(app, 'access.denied');
    expect(denied.filter(({ actorId }) => actorId === user.id)).toHaveLength(30);
    expect(denied).toHaveLength(31);
    expect(await leftOutOf(app)).toEqual([]);

    app.clock.advance(MINUTE);
    // Nobody comes any more: the minute ends by itself.
    await until('the minute is summed up', async () => (await leftOutOf(app)).length > 0);
    expect(await trailOf(app, 'entries.left_out')).toMatchObject([
      { detail: `access.denied ×70 from ${HOME}`, userId: user.id, actorId: null, ip: HOME, at: app.clock.now() },
    ]);
    await many(31, () => mallory.get('/things/admin'));
    app.clock.advance(MINUTE);
    await alice.get('/things/admin');
    expect(await leftOutOf(app)).toEqual([`access.denied ×70 from ${HOME}`, `access.denied ×1 from ${HOME}`]);
    expect(await countOf(app, 'access.denied')).toBe(133);
  });

  it('let nobody fill the trail by renewing a session', async () => {
    const app = await start({ controllers, auth, session });
    await app.users.create({ username: 'mallory', password: PASSWORD });
    const mallory = await app.signedIn('mallory');
    for (let n = 0; n < 40; n++) expect((await mallory.post('/things/renew')).status).toBe(201);
    app.clock.advance(MINUTE);
    await until('the minute is summed up', async () => (await leftOutOf(app)).length > 0);
    expect(await leftOutOf(app)).toEqual([`session.renewed ×10 from ${HOME}`]);
    expect(await trailOf(app, 'session.renewed')).toHaveLength(30);
  });

  it('leave the first ones to every network, however many rotate, and stay bounded', async () => {
    const app = await start({ auth, session });
    const audit = app.app.get(AuditService);
    const refused = (ip: string) => audit.record('session.refused', { ip, detail: 'duplicate' });
    // One client's /48 is one client, whatever it takes for its /64.
    await many(400, (n) => refused(`2001:db8:1:${n.toString(16)}::1`));
    expect(await trailOf(app, 'session.refused')).toHaveLength(120);
    await many(200, (n) => refused(`198.51.${n >> 4}.${n & 15}`));
    await refused('192.0.2.1');
    const written = await trailOf(app, 'session.refused');
    expect(written).toHaveLength(321);
    expect(written.at(-1)).toMatchObject({ ip: '192.0.2.1' });
    app.clock.advance(MINUTE);
    await refused('192.0.2.1');
    expect(await leftOutOf(app)).toEqual(['session.refused duplicate ×280 from 2001:db8:1::/48']);
  });

  it('keep a sign of theft apart from the noise of the same network', async () => {
    const app = await start({ auth, session });
    const audit = app.app.get(AuditService);
    await many(50, () => audit.record('session.refused', { ip: ATTACKER, detail: 'duplicate' }));
    await audit.record('session.refused', { ip: ATTACKER, detail: 'wrong_secret' });
    await audit.record('login.failed', { ip: ATTACKER, detail: 'unknown_user' });
    const details = (await trailOf(app)).map(({ detail }) => detail);
    expect(details.slice(30)).toEqual(['wrong_secret', 'unknown_user']);
  });

  it('never concern the acts of administrators', async () => {
    const app = await start({ auth, session });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const by = { actorId: 'admin', ip: HOME, userAgent: 'Console/1.0' };
    await many(130, () => app.users.unlock(user.id, by));
    expect(await trailOf(app, 'user.unlocked')).toHaveLength(130);
    expect(await leftOutOf(app)).toEqual([]);
  });

  it('count exactly, however many come at once and at the turn of the minute', async () => {
    const app = await start({ auth, session });
    const audit = app.app.get(AuditService);
    const work: Promise<void>[] = [];
    for (let n = 0; n < 600; n++) {
      if (n % 150 === 149) app.clock.advance(MINUTE);
      work.push(audit.record('login.throttled', { ip: n % 3 === 0 ? ATTACKER : VICTIM }));
    }
    await Promise.all(work);
    app.clock.advance(MINUTE);
    await until('the minute is summed up', async () => (await countOf(app, 'login.throttled')) === 600);
    const leftOut = await leftOutOf(app);
    expect(leftOut).toHaveLength(4);
    expect(leftOut[1]).toBe(`login.throttled ×90 from ${VICTIM} ×70, ${ATTACKER} ×20`);
  });
});
