import { describe, expect, it } from '@jest/globals';
import { CherryPyController } from '../../support/apps/cherrypy.controller.js';
import { HOUR, MINUTE } from '../../support/apps/fake-clock.js';
import { onEveryPlatform, type SessionApp } from '../../support/apps/session-app.js';

const setup = {
  controllers: [CherryPyController],
  session: { idleTimeout: HOUR, cookie: { name: 'session_id', persistent: true } } as const,
};

const handleIn = (browser: ReturnType<SessionApp['browser']>) => browser.cookies.get('session_id')?.split('.')[0];

onEveryPlatform('the classic session pages', (start) => {
  it('keep data and id over two requests', async () => {
    const browser = (await start(setup)).browser();
    expect((await browser.get('/testStr')).text).toBe('1');
    const handle = handleIn(browser);
    expect(handle).toMatch(/^[\w-]{22}$/);
    expect((await browser.get('/testStr')).text).toBe('2');
    expect(handleIn(browser)).toBe(handle);
    expect((await browser.get('/data')).json()).toEqual({ counter: 2 });
  });

  it('set one cookie, with exactly the attributes that were configured', async () => {
    const { browser, clock } = await start(setup);
    const { setCookies } = await browser().get('/testStr');
    const expires = new Date(clock.now() + HOUR).toUTCString();
    expect(setCookies).toHaveLength(1);
    expect(setCookies[0]?.replace(/=[\w.-]{66}/, '=TOKEN')).toBe(
      `session_id=TOKEN; Max-Age=3600; Path=/; Expires=${expires}; HttpOnly; SameSite=Lax`,
    );
  });

  it('share the state between plain and streamed handlers', async () => {
    const browser = (await start(setup)).browser();
    expect((await browser.get('/testStr')).text).toBe('1');
    expect((await browser.get('/testGen')).text).toBe('2');
    expect((await browser.get('/testStr')).text).toBe('3');
  });

  it('begin a session in a streamed handler', async () => {
    const browser = (await start(setup)).browser();
    expect((await browser.get('/testGen')).text).toBe('1');
    expect((await browser.get('/testStr')).text).toBe('2');
  });

  it('tell whether a key is there, and delete it', async () => {
    const browser = (await start(setup)).browser();
    await browser.get('/testStr');
    expect((await browser.get('/keyin?key=counter')).text).toBe('true');
    await browser.get('/delkey?key=counter');
    expect((await browser.get('/keyin?key=counter')).text).toBe('false');
    expect((await browser.get('/data')).json()).toEqual({});
  });

  it('count live sessions, and drop what has expired', async () => {
    const { browser, clock } = await start(setup);
    const [first, second] = [browser(), browser()];
    await first.get('/testStr');
    expect((await first.get('/length')).text).toBe('1');
    clock.advance(HOUR / 2);
    await second.get('/testStr');
    expect((await second.get('/length')).text).toBe('2');
    clock.advance(HOUR / 2);
    expect((await second.get('/length')).text).toBe('1');
    expect((await first.get('/data')).json()).toEqual({});
    expect((await first.get('/testStr')).text).toBe('1');
  });

  it('keep what was read alone: reading is activity', async () => {
    const { browser, clock } = await start(setup);
    const visitor = browser();
    await visitor.get('/testStr');
    for (let half = 0; half < 5; half++) {
      clock.advance(45 * MINUTE);
      expect((await visitor.get('/data')).json()).toEqual({ counter: 1 });
    }
  });

  it('end a session that is deleted', async () => {
    const { browser, sessions } = await start(setup);
    const visitor = browser();
    await visitor.get('/testStr');
    const stale = new Map(visitor.cookies);
    const answer = await visitor.get('/delete');
    expect(answer.text).toBe('done');
    expect(answer.setCookies[0]).toContain('session_id=; Max-Age=0');
    expect(await sessions.count()).toBe(0);
    const replay = browser({ cookie: `session_id=${stale.get('session_id')}` });
    expect((await replay.get('/data')).json()).toEqual({});
    expect((await replay.get('/testStr')).text).toBe('1');
  });

  it('give another id and keep the data on regeneration', async () => {
    const { browser } = await start(setup);
    const visitor = browser();
    await visitor.get('/testStr');
    const before = visitor.cookies.get('session_id');
    await visitor.get('/regen');
    expect(handleIn(visitor)).not.toBe(before?.split('.')[0]);
    expect((await visitor.get('/testStr')).text).toBe('2');
    expect((await browser({ cookie: `session_id=${before}` }).get('/data')).json()).toEqual({});
  });

  it('never use an id that was planted', async () => {
    const { browser } = await start(setup);
    const planted = `${'A'.repeat(22)}.${'B'.repeat(43)}`;
    const visitor = browser();
    visitor.cookies.set('session_id', planted);
    await visitor.get('/testStr');
    expect(handleIn(visitor)).not.toBe('A'.repeat(22));
    expect((await visitor.get('/testStr')).text).toBe('2');
  });

  it('save before a redirect is followed', async () => {
    const browser = (await start(setup)).browser();
    const redirect = await browser.get('/redir');
    expect(redirect.status).toBe(302);
    expect((await browser.get(redirect.headers.get('location')!)).text).toBe('41');
  });

  it('empty a session and keep its id', async () => {
    const browser = (await start(setup)).browser();
    await browser.get('/testStr');
    const handle = handleIn(browser);
    await browser.get('/clear');
    expect((await browser.get('/data')).json()).toEqual({});
    expect((await browser.get('/testStr')).text).toBe('1');
    expect(handleIn(browser)).toBe(handle);
  });

  it('give a new session, and no error, when the record was removed behind the server’s back', async () => {
    const { browser, sessions } = await start(setup);
    const visitor = browser();
    await visitor.get('/testStr');
    const handle = handleIn(visitor)!;
    expect(await sessions.end(handle)).toBe(true);
    const answer = await visitor.get('/testStr');
    expect([answer.status, answer.text]).toEqual([200, '1']);
    expect(handleIn(visitor)).not.toBe(handle);
  });

  it('leave sessions in order when nobody answers a path or a method', async () => {
    const browser = (await start(setup)).browser();
    await browser.get('/restricted');
    expect((await browser.get('/nowhere')).status).toBe(404);
    expect((await browser.post('/restricted')).status).toBe(404);
    expect((await browser.get('/data')).json()).toEqual({ counter: 1 });
  });

  describe('with a cookie that is not persistent', () => {
    it('has no Expires and stays so, regeneration included', async () => {
      const { browser } = await start({ ...setup, session: { cookie: { name: 'session_cookie', persistent: false } } });
      const visitor = browser();
      const first = await visitor.get('/session_cookie');
      const second = await visitor.get('/regen');
      for (const line of [first.setCookies[0], second.setCookies[0]]) {
        expect(line?.replace(/=[\w.-]{66}/, '=TOKEN')).toBe('session_cookie=TOKEN; Path=/; HttpOnly; SameSite=Lax');
      }
      expect((await visitor.get('/session_cookie')).setCookies).toEqual([]);
    });
  });
});
