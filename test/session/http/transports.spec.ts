import { expect, it } from '@jest/globals';
import { actions } from '../../support/apps/actions.js';
import { onEveryPlatform } from '../../support/apps/session-app.js';

const controller = actions({
  look: (_, session) => session,
  put: (_, session) => ((session.n = 1), 'put'),
  rotate: (_, session) => session.rotate().then(() => 'rotated'),
  end: (_, session) => session.destroy().then(() => 'ended'),
});
const TOKEN = /^[\w-]{22}\.[\w-]{43}$/;

onEveryPlatform('a token by header', (start) => {
  it('opens, renews and ends a session, without any cookie', async () => {
    const app = await start({ controllers: [controller], session: { transport: 'header' } });
    const client = app.browser();
    const first = await client.get('/put');
    const token = first.headers.get('x-session-token')!;
    expect(token).toMatch(TOKEN);
    const withToken = { headers: { 'x-session-token': token } };
    const look = await client.get('/look', withToken);
    expect([look.json(), look.headers.get('x-session-token')]).toEqual([{ n: 1 }, null]);
    const renewed = (await client.get('/rotate', withToken)).headers.get('x-session-token')!;
    expect(renewed).toMatch(TOKEN);
    expect(renewed).not.toBe(token);
    const ended = await client.get('/end', { headers: { 'x-session-token': renewed } });
    expect(ended.headers.get('x-session-token')).toBe('');
    expect((await client.get('/look', { headers: { 'x-session-token': renewed } })).json()).toEqual({});
    expect([first, look, ended].flatMap(({ setCookies }) => setCookies)).toEqual([]);
  });

  it('ignores cookies', async () => {
    const app = await start({ controllers: [controller], session: { transport: 'header', header: 'X-Visit' } });
    const token = (await app.browser().get('/put')).headers.get('x-visit')!;
    expect((await app.browser({ cookie: `sid=${token}; __Host-sid=${token}` }).get('/look')).json()).toEqual({});
    expect((await app.browser({ 'x-visit': token }).get('/look')).json()).toEqual({ n: 1 });
  });

  it('is refused when it comes twice', async () => {
    const app = await start({ controllers: [controller], session: { transport: 'header' } });
    const token = (await app.browser().get('/put')).headers.get('x-session-token')!;
    expect((await app.browser({ 'x-session-token': `${token}, ${token}` }).get('/look')).json()).toEqual({});
    expect(app.events.at(-1)).toMatchObject({ name: 'session.refused', reason: 'duplicate' });
  });

  it('and by cookie: each client is answered the way it speaks', async () => {
    const app = await start({ controllers: [controller], session: { transport: 'both' } });
    const browser = app.browser();
    const byCookie = await browser.get('/put');
    expect([byCookie.setCookies.length, byCookie.headers.get('x-session-token')]).toEqual([1, null]);
    const program = await app.browser({ 'x-session-token': '' }).get('/put');
    expect(program.setCookies).toEqual([]);
    const token = program.headers.get('x-session-token')!;
    expect(token).toMatch(TOKEN);
    expect((await app.browser({ 'x-session-token': token }).get('/look')).json()).toEqual({ n: 1 });
    expect((await browser.get('/look')).json()).toEqual({ n: 1 });
  });

  it('and by cookie: two that differ are refused, two that agree are one', async () => {
    const app = await start({ controllers: [controller], session: { transport: 'both' } });
    const [first, second] = [app.browser(), app.browser()];
    await first.get('/put');
    await second.get('/put');
    const [one, other] = [first.cookies.get('sid')!, second.cookies.get('sid')!];
    expect((await first.get('/look', { headers: { 'x-session-token': other } })).json()).toEqual({});
    expect(app.events.at(-1)).toMatchObject({ name: 'session.refused', reason: 'duplicate' });
    expect((await first.get('/look', { headers: { 'x-session-token': one } })).json()).toEqual({ n: 1 });
  });
});
