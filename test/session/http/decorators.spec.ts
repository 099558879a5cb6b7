import { expect, it } from '@jest/globals';
import { Controller, Get, Header, Param, Req, Res, VersioningType, type INestApplication } from '@nestjs/common';
import {
  type CookieResponse,
  Cookies,
  CookieService,
  describeSession,
  isSessionMissing,
  RequireSession,
  Session,
  SessionId,
  SessionLock,
  SkipSession,
} from 'nest-gatehouse/session';
import { csrfToken } from 'nest-gatehouse/session/identity';
import expressSession from 'express-session';
import type { HandlerRequest } from '../../support/apps/actions.js';
import { HOUR } from '../../support/apps/fake-clock.js';
import { onEveryPlatform } from '../../support/apps/session-app.js';

interface Shop {
  cart: string[];
}

@Controller()
class ShopController {
  constructor(private readonly cookies: CookieService) {}

  @Get('put')
  put(@Session() session: Session<Shop>): string {
    session.cart = ['book'];
    return 'put';
  }

  @Get('look')
  look(@Session() session: Session<Shop>): unknown {
    return { ...session, missing: isSessionMissing(session), stored: describeSession(session)?.handle ?? null };
  }

  @Get('cart')
  cart(@Session('cart') cart: string[] | undefined, @SessionId() id: string): unknown {
    return { cart: cart ?? null, id };
  }

  @Get('cookies')
  allCookies(@Cookies() all: Record<string, string>, @Cookies('theme') theme: string | undefined): unknown {
    return { all, theme: theme ?? null };
  }

  @Get('theme')
  theme(@Res({ passthrough: true }) response: CookieResponse): string {
    this.cookies.set(response, 'theme', 'très sombre', { maxAge: '1h' });
    this.cookies.set(response, 'seen', '1', { path: '/shop', httpOnly: false, sameSite: 'strict' });
    this.cookies.clear(response, 'old');
    return 'themed';
  }

  @Get('steal')
  steal(@Res({ passthrough: true }) response: CookieResponse): string {
    this.cookies.set(response, 'sid', 'mine');
    return 'stolen';
  }

  @Get('size/:bytes')
  size(@Param('bytes') bytes: string, @Res({ passthrough: true }) response: CookieResponse): string {
    this.cookies.set(response, 'size', 'x'.repeat(Number(bytes) - 'size'.length));
    return 'kept';
  }

  @Get('required')
  @RequireSession()
  required(@SessionId() id: string): string {
    return id;
  }

  @Get('skipped')
  @SkipSession()
  @Header('x-skipped', 'yes')
  skipped(
    @Req() request: HandlerRequest,
    @Session() session: unknown,
    @Session('cart') cart: unknown,
    @SessionId() id: unknown,
  ): unknown {
    return [request.session, request.sessionID, session, cart, id].map(String);
  }

  @Get('theirs')
  theirs(
    @Req() request: { session?: object; raw?: { session?: object } },
    @Session() session: unknown,
    @Session('cart') cart: unknown,
  ): unknown {
    const theirs = (request.raw ?? request).session as { book?: string } & Session;
    const before = theirs.book ?? null;
    theirs.book = 'a book';
    return { before, ours: [session, cart].map(String), stored: describeSession(theirs), token: csrfToken(theirs) };
  }

  @Get('locked')
  @SessionLock()
  locked(@Session() session: Session<Shop>): unknown {
    return { cart: session.cart ?? null };
  }
}

onEveryPlatform('decorators', (start) => {
  const begin = async (
    session: Parameters<typeof start>[0]['session'] = {},
    prepare?: (app: INestApplication) => void,
  ) => {
    const app = await start({ controllers: [ShopController], session, prepare });
    return { app, visitor: app.browser() };
  };

  it('@Session(key) and @SessionId() give one value and the handle', async () => {
    const { visitor } = await begin();
    expect((await visitor.get('/cart')).json()).toMatchObject({ cart: null });
    await visitor.get('/put');
    expect((await visitor.get('/cart')).json()).toEqual({
      cart: ['book'],
      id: visitor.cookies.get('sid')!.slice(0, 22),
    });
  });

  it('tell a session that is not stored from one that was lost', async () => {
    const { app, visitor } = await begin();
    expect((await visitor.get('/look')).json()).toEqual({ missing: false, stored: null });
    await visitor.get('/put');
    const handle = visitor.cookies.get('sid')!.slice(0, 22);
    expect((await visitor.get('/look')).json()).toEqual({ cart: ['book'], missing: false, stored: handle });
    await app.sessions.end(handle);
    expect((await visitor.get('/look')).json()).toEqual({ missing: true, stored: null });
  });

  it('@Cookies() gives decoded cookies, whatever their names', async () => {
    const { app } = await begin();
    const answer = await app.browser({ cookie: 'theme=tr%C3%A8s; broken=%E0%A4; __proto__=1; empty=' }).get('/cookies');
    expect(answer.text).toContain('"__proto__":"1"');
    expect(answer.json()).toMatchObject({ theme: 'très', all: { theme: 'très', broken: '%E0%A4', empty: '' } });
    expect((await app.browser().get('/cookies')).json()).toEqual({ all: {}, theme: null });
  });

  it('CookieService sets ordinary cookies beside the session’s, by the application’s clock', async () => {
    const { app, visitor } = await begin();
    const expires = new Date(app.clock.now() + HOUR).toUTCString();
    expect((await visitor.get('/theme')).setCookies).toEqual([
      `theme=tr%C3%A8s%20sombre; Max-Age=3600; Path=/; Expires=${expires}; HttpOnly; SameSite=Lax`,
      'seen=1; Path=/shop; SameSite=Strict',
      'old=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
    ]);
    expect((await visitor.get('/steal')).status).toBe(500);
  });

  it('CookieService sets no cookie that browsers would drop for its size', async () => {
    const { visitor } = await begin();
    const statuses = [await visitor.get('/size/4096'), await visitor.get('/size/4097')].map((answer) => [
      answer.status,
      answer.setCookies.length,
    ]);
    expect(statuses).toEqual([
      [200, 1],
      [500, 0],
    ]);
  });

  it('@RequireSession() lets only stored, live sessions pass', async () => {
    const { app, visitor } = await begin();
    const refused = await visitor.get('/required');
    expect([refused.status, refused.json().code, refused.setCookies]).toEqual([401, 'no_session', []]);
    await visitor.get('/put');
    const handle = visitor.cookies.get('sid')!.slice(0, 22);
    expect((await visitor.get('/required')).text).toBe(handle);
    await app.sessions.end(handle);
    expect((await visitor.get('/required')).status).toBe(401);
  });

  it('@SkipSession() leaves the route without one, and the session as it is', async () => {
    const { app, visitor } = await begin({ cookie: { persistent: true }, touchInterval: 1 });
    await visitor.get('/put');
    app.clock.advance(HOUR / 3);
    app.store.take();
    const answer = await visitor.get('/skipped');
    expect([answer.status, answer.json(), answer.setCookies]).toEqual([
      200,
      Array.from({ length: 5 }, () => 'undefined'),
      [],
    ]);
    expect(answer.headers.get('cache-control')).toBeNull();
    expect(app.store.take().filter((call) => call !== 'read')).toEqual([]);
  });

  it('@SessionLock() lets one request of a session in at a time, and strangers without waiting', async () => {
    const { app, visitor } = await begin();
    expect((await visitor.get('/locked')).json()).toEqual({ cart: null });
    expect(app.store.take()).toEqual([]);
    await visitor.get('/put');
    expect((await visitor.get('/locked')).json()).toEqual({ cart: ['book'] });
    expect((await visitor.get('/locked')).json()).toEqual({ cart: ['book'] });
    expect(app.store.take().filter((call) => call === 'acquire')).toHaveLength(2);
  });

  it('paths that are excluded have no session at all', async () => {
    const { app, visitor } = await begin({ exclude: ['/look', '/shop/*'] });
    await visitor.get('/put');
    app.store.take();
    expect((await visitor.get('/look?x=1')).json()).toEqual({ missing: false, stored: null });
    await visitor.get('/shop/assets/a.css');
    expect(app.store.take()).toEqual([]);
    expect((await visitor.get('/cart')).json()).toMatchObject({ cart: ['book'] });
  });

  it('another library may keep a session of its own on a path that is excluded', async () => {
    const { visitor } = await begin({ exclude: ['/theirs'] }, (application) => {
      application.use('/theirs', expressSession({ secret: 'x', resave: false, saveUninitialized: false }));
    });
    await visitor.get('/put');
    const theirs = { ours: ['undefined', 'undefined'], stored: null, token: null };
    expect((await visitor.get('/theirs')).json()).toEqual({ before: null, ...theirs });
    expect((await visitor.get('/theirs')).json()).toEqual({ before: 'a book', ...theirs });
    expect((await visitor.get('/cart')).json()).toMatchObject({ cart: ['book'] });
  });

  it.each(['none', 'implicit', 'early'] as const)(
    'sessions work under a global prefix and versions (locking: %s)',
    async (locking) => {
      const { app, visitor } = await begin({ locking }, (application) => {
        application.setGlobalPrefix('api', { exclude: ['look'] });
        application.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      });
      await visitor.get('/api/v1/put');
      app.store.take();
      expect((await visitor.get('/api/v1/cart')).json()).toMatchObject({ cart: ['book'] });
      expect((await visitor.get('/v1/look')).json()).toMatchObject({ cart: ['book'] });
      expect(app.store.take().filter((call) => call === 'acquire')).toHaveLength(locking === 'none' ? 0 : 2);
    },
  );

  it('a session made for a user opens by its token', async () => {
    const { app } = await begin();
    const { token, session } = await app.sessions.createForUser('ada', {
      data: { cart: ['pen'] },
      amr: ['pwd'],
      label: 'phone',
    });
    expect((await app.browser({ cookie: `sid=${token}` }).get('/required')).text).toBe(session.handle);
    expect((await app.browser({ cookie: `sid=${token}` }).get('/cart')).json()).toEqual({
      cart: ['pen'],
      id: session.handle,
    });
    expect(await app.sessions.findByUser('ada')).toMatchObject({
      items: [{ handle: session.handle, label: 'phone', amr: ['pwd'] }],
      next: null,
    });
    expect(await app.sessions.end(token)).toBe(false);
    expect(await app.sessions.read(token)).toBeNull();
  });
});
