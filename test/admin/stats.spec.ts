import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import { Public } from 'nest-gatehouse/auth';
import type { Session } from 'nest-gatehouse/session';
import { LOGIN } from '../auth/support/auth-app.js';
import { MINUTE } from '../support/apps/fake-clock.js';
import { onOnePlatform } from './support/admin-app.js';

@Controller()
@Public()
class VisitController {
  @Post('visit')
  @HttpCode(204)
  visit(@Req() { session }: { session: Session }): void {
    session['visits'] = Number(session['visits'] ?? 0) + 1;
  }

  @Post('work')
  @HttpCode(204)
  async work(@Req() { session }: { session: Session }): Promise<void> {
    await session.lock();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface StatsBody {
  readonly at: string;
  readonly sessions: object;
  readonly perMinute: { readonly lockWaits: number; readonly ended: object };
  readonly store: { readonly p50Ms: number; readonly p99Ms: number };
  readonly doctor: number;
}

onOnePlatform('GET /admin/api/stats', (start) => {
  it('has the figures of now, in the documented shape', async () => {
    const app = await start({ controllers: [VisitController] });
    const ada = await app.signedIn('ada', 'admin');
    const alice = await app.signedIn('alice');
    for (let n = 0; n < 3; n++) await app.browser().post('/visit');
    await app.browser().post(LOGIN, { username: 'alice', password: 'not the one, surely' });
    await alice.post('/auth/logout');
    const answer = await ada.get('/admin/api/stats');
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const stats = answer.json<StatsBody & Record<string, unknown>>();
    expect(stats).toEqual({
      at: new Date(app.clock.now()).toISOString(),
      sessions: { live: 4, signedIn: 1, anonymous: 3 },
      perMinute: {
        opened: 5,
        ended: { logout: 1 },
        logins: { ok: 2, failed: 1, throttled: 0 },
        conflicts: 0,
        lockWaits: 0,
      },
      store: { p50Ms: expect.any(Number), p99Ms: expect.any(Number) },
      doctor: 0,
    });
    expect(stats.store.p50Ms).toBeGreaterThan(0);
    expect(stats.store.p99Ms).toBeGreaterThanOrEqual(stats.store.p50Ms);
  });

  it('forgets after a minute what happened then', async () => {
    const app = await start({ controllers: [VisitController] });
    const ada = await app.signedIn('ada', 'admin');
    await app.browser().post('/visit');
    app.clock.advance(MINUTE);
    const stats = (await ada.get('/admin/api/stats')).json<StatsBody>();
    expect(stats.perMinute).toEqual({
      opened: 0,
      ended: {},
      logins: { ok: 0, failed: 0, throttled: 0 },
      conflicts: 0,
      lockWaits: 0,
    });
  });

  it('counts those that wait for a lock, once each', async () => {
    const app = await start({ controllers: [VisitController] });
    const ada = await app.signedIn('ada', 'admin');
    const visitor = app.browser();
    await visitor.post('/visit');
    await Promise.all([1, 2, 3].map(() => visitor.post('/work')));
    expect((await ada.get('/admin/api/stats')).json<StatsBody>().perMinute.lockWaits).toBe(2);
  });

  it('counts what the doctor has found', async () => {
    const app = await start({ session: { idleTimeout: 1_800 } });
    const ada = await app.signedIn('ada', 'admin');
    app.doctor.found('clock_skew', 'The clocks differ.');
    app.doctor.found('clock_skew', 'The clocks differ.');
    expect((await ada.get('/admin/api/stats')).json<StatsBody>().doctor).toBe(app.doctor.findings().length);
    expect(app.doctor.findings().find(({ code }) => code === 'clock_skew')?.count).toBe(2);
  });

  it('is for the role admin', async () => {
    const app = await start();
    const alice = await app.signedIn('alice');
    for (const path of ['/admin/api/stats', '/admin/api/live', '/admin/api/doctor']) {
      expect([path, (await alice.get(path)).json()['code']]).toEqual([path, 'forbidden']);
      expect([path, (await app.browser().get(path)).json()['code']]).toEqual([path, 'not_signed_in']);
    }
  });
});
