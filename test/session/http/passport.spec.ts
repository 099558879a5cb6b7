import { expect, it } from '@jest/globals';
import { promisify } from 'node:util';
import { Controller, Get, Query, Req, type INestApplication } from '@nestjs/common';
import passport from 'passport';
import type { Session } from 'nest-gatehouse/session';
import { onEveryPlatform } from '../../support/apps/session-app.js';

interface User {
  readonly name: string;
}

/** What passport puts on a request; on Fastify it is given the raw one. */
interface PassportRequest {
  readonly raw?: PassportRequest;
  readonly session: Session;
  readonly user?: User;
  isAuthenticated(): boolean;
  logIn(user: User, options: { keepSessionInfo?: boolean }, done: (error?: unknown) => void): void;
  logOut(options: { keepSessionInfo?: boolean }, done: (error?: unknown) => void): void;
}

const given = (request: PassportRequest) => request.raw ?? request;

@Controller()
class PassportController {
  @Get('cart')
  cart(@Req() request: PassportRequest): void {
    request.session.cart = ['book'];
  }

  @Get('login')
  async login(@Req() request: PassportRequest, @Query('keep') keep?: string): Promise<void> {
    const raw = given(request);
    await promisify(raw.logIn.bind(raw))({ name: 'ada' }, { keepSessionInfo: keep === 'yes' });
  }

  @Get('logout')
  async logout(@Req() request: PassportRequest, @Query('keep') keep?: string): Promise<void> {
    const raw = given(request);
    await promisify(raw.logOut.bind(raw))({ keepSessionInfo: keep === 'yes' });
  }

  @Get('me')
  me(@Req() request: PassportRequest): unknown {
    const raw = given(request);
    return { user: raw.user ?? null, authenticated: raw.isAuthenticated(), cart: request.session.cart ?? null };
  }
}

function usePassport(app: INestApplication): void {
  const authenticator = new passport.Passport();
  authenticator.serializeUser((user, done) => done(null, (user as unknown as User).name));
  authenticator.deserializeUser((name: string, done) => done(null, { name } as unknown as Express.User));
  app.use(authenticator.initialize());
  app.use(authenticator.session());
}

onEveryPlatform('passport', (start) => {
  const begin = async () => {
    const app = await start({ controllers: [PassportController], prepare: usePassport });
    const visitor = app.browser();
    await visitor.get('/cart');
    return { app, visitor, anonymous: visitor.cookies.get('sid')! };
  };

  it('signs in under a new id, and knows the user from then on', async () => {
    const { app, visitor, anonymous } = await begin();
    expect((await visitor.get('/login')).status).toBe(200);
    expect(visitor.cookies.get('sid')!.split('.')[0]).not.toBe(anonymous.split('.')[0]);
    expect((await visitor.get('/me')).json()).toEqual({ user: { name: 'ada' }, authenticated: true, cart: null });
    expect((await app.browser({ cookie: `sid=${anonymous}` }).get('/me')).json()).toMatchObject({
      user: null,
      authenticated: false,
    });
    expect(await app.sessions.count()).toBe(1);
  });

  it('takes the data along where it is asked to', async () => {
    const { visitor } = await begin();
    await visitor.get('/login?keep=yes');
    expect((await visitor.get('/me')).json()).toEqual({ user: { name: 'ada' }, authenticated: true, cart: ['book'] });
    await visitor.get('/logout?keep=yes');
    expect((await visitor.get('/me')).json()).toEqual({ user: null, authenticated: false, cart: ['book'] });
  });

  it('signs out, and the former cookie opens nothing', async () => {
    const { app, visitor } = await begin();
    await visitor.get('/login');
    const signedIn = visitor.cookies.get('sid')!;
    expect((await visitor.get('/logout')).status).toBe(200);
    expect((await visitor.get('/me')).json()).toEqual({ user: null, authenticated: false, cart: null });
    expect((await app.browser({ cookie: `sid=${signedIn}` }).get('/me')).json()).toMatchObject({
      user: null,
      authenticated: false,
    });
  });

  it('signs in a visitor who had no session', async () => {
    const { app } = await begin();
    const visitor = app.browser();
    expect((await visitor.get('/login')).setCookies).toHaveLength(1);
    expect((await visitor.get('/me')).json()).toMatchObject({ authenticated: true });
  });

  it('lets a visitor who only looks go without a session', async () => {
    const { app } = await begin();
    const answer = await app.browser().get('/me');
    expect([answer.json(), answer.setCookies]).toEqual([{ user: null, authenticated: false, cart: null }, []]);
  });

  it('takes nobody for signed in while the store fails, and nobody for signed out after', async () => {
    const { app, visitor } = await begin();
    await visitor.get('/login');
    app.store.set('rejects');
    expect((await visitor.get('/me')).status).toBe(503);
    expect((await app.browser().get('/login')).status).toBe(503);
    app.store.set('well');
    expect((await visitor.get('/me')).json()).toMatchObject({ authenticated: true });
  });
});
