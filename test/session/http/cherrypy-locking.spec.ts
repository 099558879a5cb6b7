import { expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { Session, SessionLock } from 'nest-gatehouse/session';
import { CherryPyController } from '../../support/apps/cherrypy.controller.js';
import { SECOND } from '../../support/apps/fake-clock.js';
import { Latch, until } from '../../support/latch.js';
import { openRequest } from '../../support/browser/raw-http.js';
import { onEveryDatabase, type SessionApp } from '../../support/apps/session-app.js';

/** A request to `/hold` keeps its handler busy until the test lets it go. */
function holdingController(latch: Latch) {
  @Controller()
  class HoldingController {
    entered = 0;

    @Get('hold')
    async hold(@Session() session: Session): Promise<string> {
      this.entered++;
      await latch.opened;
      session.held = true;
      return 'held';
    }

    @Get('locked')
    @SessionLock()
    locked(@Session() session: Session): Promise<string> {
      return this.hold(session);
    }
  }
  return HoldingController;
}

const token = (browser: ReturnType<SessionApp['browser']>) => ({ cookie: `sid=${browser.cookies.get('sid')}` });
const waiting = (app: SessionApp, requests: number) =>
  until(
    `${requests} requests ask for the lock`,
    () => app.store.calls.filter((call) => call === 'acquire').length === requests,
  );

onEveryDatabase('locking', (start, { platform }) => {
  it('implicit: 5 clients × 30 requests with one cookie end at exactly 151', async () => {
    const app = await start({ controllers: [CherryPyController], session: { locking: 'implicit', lockWait: '30s' } });
    const first = app.browser();
    expect((await first.get('/')).text).toBe('1');
    const client = async () => {
      const browser = app.browser(token(first));
      for (let request = 0; request < 30; request++) expect((await browser.get('/')).status).toBe(200);
    };
    await Promise.all(Array.from({ length: 5 }, client));
    expect((await first.get('/data')).json()).toEqual({ counter: 151 });
  });

  it.each(['implicit', 'early'] as const)('%s: a feed on a path that is left out blocks nobody', async (locking) => {
    const latch = new Latch();
    const session = { locking, lockExcept: ['/hold', '/feeds/*'] };
    const app = await start({ controllers: [CherryPyController, holdingController(latch)], session });
    const browser = app.browser();
    await browser.get('/testStr');
    app.store.take();
    const feed = app.browser(token(browser)).get('/hold');
    await until('the feed is open', () => app.store.calls.includes('read'));
    expect((await browser.get('/testStr')).text).toBe('2');
    expect(app.store.take().filter((call) => call === 'acquire')).toEqual(['acquire']);
    latch.open();
    expect((await feed).text).toBe('held');
  });

  it('implicit: a slow upload keeps nobody waiting', async () => {
    const app = await start({ controllers: [CherryPyController], session: { locking: 'implicit' } });
    const browser = app.browser();
    await browser.get('/testStr');
    const upload = openRequest(`${app.url}/upload`, { ...token(browser), 'content-type': 'application/json' });
    upload.send('{"text":');
    expect((await browser.get('/testStr')).text).toBe('2');
    upload.finish('"abc"}');
    expect((await upload.answer).text).toBe('3');
    expect((await browser.get('/data')).json()).toEqual({ counter: 2, uploaded: 3 });
  });

  it('early: a slow upload holds the session from its first byte', async () => {
    const app = await start({ controllers: [CherryPyController], session: { locking: 'early', lockWait: '20s' } });
    const browser = app.browser();
    await browser.get('/testStr');
    const order: string[] = [];
    const upload = openRequest(`${app.url}/upload`, { ...token(browser), 'content-type': 'application/json' });
    upload.send('{"text":');
    await waiting(app, 1);
    const second = browser.get('/testStr').then((answer) => (order.push('second'), answer));
    await waiting(app, 2);
    void upload.answer.then(() => order.push('upload'));
    upload.finish('"abc"}');
    expect((await second).text).toBe('2');
    await upload.answer;
    expect((await browser.get('/data')).json()).toEqual({ counter: 2, uploaded: 3 });
    expect(order[0]).toBe('upload');
  });

  it('explicit: requests that do not ask run side by side', async () => {
    const latch = new Latch();
    const app = await start({
      controllers: [CherryPyController, holdingController(latch)],
      session: { locking: 'explicit' },
    });
    const browser = app.browser();
    await browser.get('/testStr');
    const held = browser.get('/hold');
    const locked = browser.get('/locked');
    expect((await browser.get('/testStr')).text).toBe('2');
    latch.open();
    expect((await held).text).toBe('held');
    expect((await locked).text).toBe('held');
    expect((await browser.get('/data')).json()).toEqual({ counter: 2, held: true });
  });

  it('a wait that takes too long is 503 lock_timeout with Retry-After, and changes nothing', async () => {
    const latch = new Latch();
    const app = await start({
      controllers: [CherryPyController, holdingController(latch)],
      session: { locking: 'implicit', lockWait: 50 },
    });
    const browser = app.browser();
    await browser.get('/testStr');
    const held = browser.get('/hold');
    await waiting(app, 1);
    const refused = await browser.get('/testStr');
    expect(refused.status).toBe(503);
    expect(refused.json()).toMatchObject({ code: 'lock_timeout', status: 503 });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.setCookies).toEqual([]);
    latch.open();
    await held;
    expect((await browser.get('/data')).json()).toEqual({ counter: 1, held: true });
  });

  it('a held lock outlives the idle time, sweeps included', async () => {
    const latch = new Latch();
    const app = await start({
      controllers: [CherryPyController, holdingController(latch)],
      session: { idleTimeout: '10s', locking: 'explicit', lockWait: '20s', lockLease: '5m' },
    });
    const browser = app.browser();
    await browser.get('/testStr');
    const first = browser.get('/locked');
    await waiting(app, 1);
    for (let turn = 0; turn < 4; turn++) {
      app.clock.advance(8 * SECOND);
      expect((await browser.get('/data')).json()).toEqual({ counter: 1 });
      await app.sweeper.sweep();
    }
    let entered = false;
    const second = browser.get('/locked').then((answer) => ((entered = true), answer));
    await waiting(app, 2);
    expect(entered).toBe(false);
    latch.open();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });

  it('a session that ends while others wait for its lock leaves them without one, and in order', async () => {
    const latch = new Latch();
    const app = await start({
      controllers: [CherryPyController, holdingController(latch)],
      session: { locking: 'implicit', lockWait: '20s' },
    });
    const browser = app.browser();
    await browser.get('/testStr');
    const cookie = token(browser);
    const held = app.browser(cookie).get('/hold');
    await waiting(app, 1);
    const waiter = app.browser(cookie).get('/testStr');
    await waiting(app, 2);
    expect(await app.sessions.end(cookie.cookie.slice(4, 26))).toBe(true);
    latch.open();
    expect((await held).json()).toMatchObject({ status: 401, code: 'session_ended' });
    const answer = await waiter;
    expect([platform, answer.status, answer.text]).toEqual([platform, 200, '1']);
  });

  it('a handler that fails lets go', async () => {
    @Controller()
    class FailingController {
      @Get('fail')
      fail(): never {
        throw new Error('on purpose');
      }
    }
    const app = await start({
      controllers: [CherryPyController, FailingController],
      session: { locking: 'implicit', lockWait: 50 },
    });
    const browser = app.browser();
    await browser.get('/testStr');
    expect((await browser.get('/fail')).status).toBe(500);
    expect((await browser.get('/nowhere')).status).toBe(404);
    expect((await browser.get('/testStr')).text).toBe('2');
  });
});
