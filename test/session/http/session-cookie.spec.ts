import { describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { SessionModuleOptions } from 'nest-gatehouse/session';
import { actions, type HandlerResponse } from '../../support/apps/actions.js';
import { HOUR } from '../../support/apps/fake-clock.js';
import { onEveryPlatform } from '../../support/apps/session-app.js';

function cacheControl(response: HandlerResponse, value: string): string {
  const header = Reflect.get(response, 'header') as (...args: string[]) => void;
  Reflect.apply(header, response, ['cache-control', value]);
  return 'cached';
}

const controller = actions({
  look: (_, session) => session,
  touchless: () => 'no look at the session',
  put: (_, session) => ((session.n = 1), 'put'),
  private: (_, session, response) => ((session.n = 2), cacheControl(response, 'private, max-age=5')),
  public: (_, session, response) => ((session.n = 3), cacheControl(response, 'public, max-age=5')),
  end: (_, session) => session.destroy().then(() => 'ended'),
});

type Cookie = NonNullable<SessionModuleOptions['cookie']>;

const attributes: readonly (readonly [string, Cookie, string])[] = [
  ['nothing said', {}, 'sid=T; Path=/; HttpOnly; SameSite=Lax'],
  ['secure', { secure: true }, '__Host-sid=T; Path=/; HttpOnly; Secure; SameSite=Lax'],
  ['not secure', { secure: false }, 'sid=T; Path=/; HttpOnly; SameSite=Lax'],
  ['secure with a path', { secure: true, path: '/app' }, '__Secure-sid=T; Path=/app; HttpOnly; Secure; SameSite=Lax'],
  [
    'secure with a domain',
    { secure: true, domain: 'example.com' },
    '__Secure-sid=T; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax',
  ],
  ['for scripts', { httpOnly: false }, 'sid=T; Path=/; SameSite=Lax'],
  ['strict', { sameSite: 'strict' }, 'sid=T; Path=/; HttpOnly; SameSite=Strict'],
  [
    'for other sites',
    { secure: true, sameSite: 'none', partitioned: true },
    '__Host-sid=T; Path=/; HttpOnly; Secure; Partitioned; SameSite=None',
  ],
  [
    'with a name',
    { name: 'visit', path: '/shop', domain: 'example.com' },
    'visit=T; Domain=example.com; Path=/shop; HttpOnly; SameSite=Lax',
  ],
];

onEveryPlatform('the session cookie', (start, { platform }) => {
  it.each(attributes)('has exactly its attributes: %s', async (_, cookie, line) => {
    const { url } = await start({ controllers: [controller], session: { cookie } });
    const response = await fetch(`${url}/put`);
    const [set, ...more] = response.headers.getSetCookie();
    expect(more).toEqual([]);
    expect(set?.replace(/=[\w-]{22}\.[\w-]{43};/, '=T;')).toBe(line);
  });

  it.each(attributes)('is cleared with the same attributes: %s', async (_, cookie, line) => {
    const { url } = await start({ controllers: [controller], session: { cookie } });
    const set = (await fetch(`${url}/put`)).headers.getSetCookie()[0]!;
    const cleared = (await fetch(`${url}/end`, { headers: { cookie: set.split(';')[0]! } })).headers.getSetCookie();
    const [name = ''] = line.split('=');
    const rest = line.slice(`${name}=T; `.length);
    expect(cleared).toHaveLength(1);
    expect(cleared[0]!.split('; ').sort()).toEqual(
      [`${name}=`, 'Max-Age=0', 'Expires=Thu, 01 Jan 1970 00:00:00 GMT', ...rest.split('; ')].sort(),
    );
  });

  it('lives as long as its session when it is persistent, never beyond the absolute end', async () => {
    const { browser, clock } = await start({
      controllers: [controller],
      session: { idleTimeout: '2h', absoluteTimeout: '3h', cookie: { persistent: true } },
    });
    const visitor = browser();
    expect((await visitor.get('/put')).setCookies[0]).toContain('Max-Age=7200');
    clock.advance(1.5 * HOUR);
    expect((await visitor.get('/look')).setCookies[0]).toContain('Max-Age=5400');
    clock.advance(HOUR);
    expect((await visitor.get('/touchless')).setCookies[0]).toContain('Max-Age=1800');
  });

  describe("with secure: 'auto'", () => {
    const trusting = (app: INestApplication) => {
      if (platform === 'express') (app as NestExpressApplication).set('trust proxy', 'loopback');
    };

    it('is Secure behind a trusted proxy that speaks https', async () => {
      const { browser } = await start({ controllers: [controller], prepare: trusting, trustProxy: true });
      expect((await browser({ 'x-forwarded-proto': 'https' }).get('/put')).setCookies[0]).toContain('; Secure');
      expect((await browser({ 'x-forwarded-proto': 'http' }).get('/put')).setCookies[0]).not.toContain('; Secure');
    });

    it('believes nobody else', async () => {
      const { browser } = await start({ controllers: [controller] });
      expect((await browser({ 'x-forwarded-proto': 'https' }).get('/put')).setCookies[0]).not.toContain('; Secure');
    });
  });

  it('comes once; then only when there is something to tell', async () => {
    const visitor = (await start({ controllers: [controller] })).browser();
    expect((await visitor.get('/put')).setCookies).toHaveLength(1);
    for (const path of ['/put', '/look', '/touchless', '/no/where'])
      expect((await visitor.get(path)).setCookies).toEqual([]);
  });

  it('stands beside the cookies of others', async () => {
    const visitor = (await start({ controllers: [controller] })).browser({ cookie: 'theme=dark; lang=en' });
    await visitor.get('/put');
    const own = visitor.cookies.get('sid');
    const beside = await visitor.get('/look', {
      headers: { cookie: `theme=dark; xsid=1; sid=${own}; sid2=2; lang=en` },
    });
    expect(beside.json()).toEqual({ n: 1 });
  });

  it('makes answers with a session Cache-Control: no-store, unless the handler says otherwise', async () => {
    const visitor = (await start({ controllers: [controller] })).browser();
    expect((await visitor.get('/look')).headers.get('cache-control')).toBeNull();
    for (const path of ['/put', '/look', '/touchless', '/no/where', '/end']) {
      expect([path, (await visitor.get(path)).headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
    await visitor.get('/put');
    expect((await visitor.get('/private')).headers.get('cache-control')).toBe('private, max-age=5');
  });

  it('is kept by nobody but its client, whatever the handler says', async () => {
    const visitor = (await start({ controllers: [controller] })).browser();
    const answer = await visitor.get('/public');
    expect([answer.setCookies.length, answer.headers.get('cache-control')]).toEqual([1, 'no-store']);
  });

  it('is left alone by an answer to a dead token', async () => {
    const { browser, sessions } = await start({ controllers: [controller] });
    const visitor = browser();
    await visitor.get('/put');
    await sessions.end(visitor.cookies.get('sid')!.slice(0, 22));
    for (const path of ['/look', '/touchless', '/no/where']) expect((await visitor.get(path)).setCookies).toEqual([]);
    expect((await visitor.get('/put')).setCookies).toHaveLength(1);
  });
});
