import { expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import {
  CurrentUser,
  OpenWhilePasswordMustChange,
  OptionalAuth,
  Public,
  RequireRecentAuth,
  Roles,
  SkipCsrf,
  type SignedInUser,
} from 'nest-gatehouse/auth';
import { codeOf, onEveryPlatform, OTHER_PASSWORD, PASSWORD } from './support/auth-app.js';
import { MINUTE, SECOND } from '../support/apps/fake-clock.js';
import { sharingApps } from '../support/apps/combinations.js';

@Controller('things')
class ThingsController {
  @Get()
  own(@CurrentUser('id') id: string) {
    return { id };
  }

  @Get('admin')
  @Roles('admin', 'owner')
  admin(@CurrentUser() user: SignedInUser) {
    return user;
  }

  @Get('public')
  @Public()
  open(@CurrentUser() user?: SignedInUser) {
    return { user: user ?? null };
  }

  @Get('optional')
  @OptionalAuth()
  optional(@CurrentUser('username') username?: string) {
    return { username: username ?? null };
  }

  @Get('recent')
  @RequireRecentAuth('5m')
  recent() {
    return { fine: true };
  }

  @Post('recent')
  @RequireRecentAuth('5m')
  act() {
    return { fine: true };
  }
}

@Public()
@Controller('contradiction')
class ContradictionController {
  @Get()
  @Public()
  @Roles('admin')
  both() {
    return { fine: true };
  }

  @Get('below')
  @RequireRecentAuth('5m')
  below() {
    return { fine: true };
  }
}

@Public()
@SkipCsrf()
@OpenWhilePasswordMustChange()
class OpenBase {
  @Get()
  show() {
    return { fine: true };
  }

  @Get('open')
  @Public()
  open() {
    return { fine: true };
  }

  @Post()
  post() {
    return { fine: true };
  }
}

@Controller('heir')
class HeirController extends OpenBase {}

@Roles('admin')
class ClosedBase {
  @Get('recent')
  @RequireRecentAuth('5m')
  recent() {
    return { fine: true };
  }
}

@Controller('closed')
@Public()
class ClosedHeirController extends ClosedBase {
  @Get()
  show() {
    return { fine: true };
  }

  @Get('recent')
  override recent() {
    return { fine: true };
  }

  @Get('said')
  @Public()
  said() {
    return { fine: true };
  }
}

class StaffBase {
  @Get()
  @Roles('admin')
  show() {
    return { fine: true };
  }
}

/** Puts another function in the method's place, as decorators do that log or measure. */
function wrapped(_target: object, _key: string, descriptor: PropertyDescriptor): void {
  const method = descriptor.value as (...args: unknown[]) => unknown;
  descriptor.value = function (...args: unknown[]) {
    return method.apply(this, args);
  };
}

@Controller('staff')
class StaffController extends StaffBase {
  @Get()
  @wrapped
  override show() {
    return { fine: true };
  }
}

const controllers = [ThingsController, ContradictionController, HeirController, ClosedHeirController, StaffController];
const HTML = { headers: { accept: 'text/html,application/xhtml+xml' } };

sharingApps(onEveryPlatform)('Guards', (start) => {
  it('let nobody in who is not signed in, unless told', async () => {
    const app = await start({ controllers });
    const client = app.browser();
    for (const path of [
      '/things',
      '/things/admin',
      '/things/recent',
      '/contradiction',
      '/contradiction/below',
      '/auth/me',
      '/auth/sessions',
    ]) {
      const answer = await client.get(path);
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 401, 'not_signed_in']);
      expect(answer.headers.get('www-authenticate')).toBe('Session realm="gatehouse"');
    }
    expect((await client.get('/things/public')).json()).toEqual({ user: null });
    expect((await client.get('/things/optional')).json()).toEqual({ username: null });
    expect((await client.get('/nowhere')).status).toBe(404);
  });

  it('tell handlers who is signed in', async () => {
    const app = await start({ controllers });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD, roles: ['admin'] });
    const client = await app.signedIn();
    expect((await client.get('/things')).json()).toEqual({ id: user.id });
    expect((await client.get('/things/admin')).json()).toEqual({
      id: user.id,
      username: 'alice',
      roles: ['admin'],
      mustChangePassword: false,
    });
    expect((await client.get('/things/public')).json()).toEqual({ user: null });
    expect((await client.get('/things/optional')).json()).toEqual({ username: 'alice' });
  });

  it('inherit what a base class requires, not what it opens', async () => {
    const app = await start({ controllers });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const { oneTimePassword } = await app.users.create({ username: 'bob' });
    const [stranger, client, bob] = [app.browser(), await app.signedIn(), await app.signedIn('bob', oneTimePassword)];
    for (const path of ['/heir', '/closed', '/closed/recent'])
      expect([path, codeOf(await stranger.get(path))]).toEqual([path, 'not_signed_in']);
    for (const path of ['/heir/open', '/closed/said'])
      expect([path, (await stranger.get(path)).status]).toEqual([path, 200]);
    expect((await client.get('/heir')).status).toBe(200);
    expect(codeOf(await bob.get('/heir'))).toBe('password_change_required');
    const crossSite = { headers: { 'sec-fetch-site': 'cross-site' } };
    expect(codeOf(await client.post('/heir', {}, crossSite))).toBe('cross_site');
    for (const path of ['/closed', '/closed/recent', '/staff'])
      expect([path, codeOf(await client.get(path))]).toEqual([path, 'forbidden']);
  });

  it('send a browser that asks for a page to the login page and back', async () => {
    const app = await start({ controllers });
    const answer = await app.browser().get('/things?page=2&x=%20', HTML);
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `/login?next=${encodeURIComponent('/things?page=2&x=%20')}`,
    ]);
    expect((await app.browser().post('/things/recent', {}, HTML)).status).toBe(401);
    const without = await start({ controllers, auth: { pages: false } });
    expect((await without.browser().get('/things', HTML)).status).toBe(401);
  });

  it('go by the roles of now, and swap the secret when these change', async () => {
    const app = await start({ controllers });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const denied = await client.get('/things/admin');
    expect([denied.status, codeOf(denied)]).toEqual([403, 'forbidden']);
    expect(app.audit.at(-1)).toMatchObject({
      type: 'access.denied',
      userId: user.id,
      detail: 'ThingsController.admin',
    });
    app.clock.advance(SECOND);
    await app.users.setRoles(user.id, ['owner']);
    const before = client.cookies.get('sid')!;
    expect((await client.get('/things/admin')).status).toBe(200);
    const after = client.cookies.get('sid')!;
    expect([after.split('.')[0], after === before]).toEqual([before.split('.')[0], false]);
    expect((await app.browser({ cookie: `sid=${before}` }).get('/things')).status).toBe(401);
    app.clock.advance(SECOND);
    await app.users.setRoles(user.id, []);
    expect((await client.get('/things/admin')).status).toBe(403);
    expect((await client.get('/things')).status).toBe(200);
  });

  it('end the sessions of a disabled user at the next request', async () => {
    const app = await start({ controllers });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const clients = [await app.signedIn(), await app.signedIn()];
    await app.users.disable(user.id);
    for (const client of clients) {
      expect(codeOf(await client.get('/things'))).toBe('not_signed_in');
      expect((await client.get('/things/optional')).json()).toEqual({ username: null });
    }
    expect(await app.sessions.count()).toBe(0);
    await app.users.enable(user.id);
    expect((await clients[0]!.get('/things')).status).toBe(401);
    await app.signedIn();
  });

  it('want a recent password where told', async () => {
    const app = await start({ controllers });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    expect((await client.get('/things/recent')).status).toBe(200);
    app.clock.advance(6 * MINUTE);
    expect(codeOf(await client.get('/things/recent'))).toBe('recent_auth_required');
    expect((await client.get('/things/recent', HTML)).headers.get('location')).toBe(
      '/reauthenticate?next=%2Fthings%2Frecent',
    );
    const before = client.cookies.get('sid')!;
    expect(codeOf(await client.post('/auth/reauthenticate', { password: OTHER_PASSWORD }))).toBe('invalid_credentials');
    expect((await client.post('/auth/reauthenticate', { password: PASSWORD })).status).toBe(204);
    expect((await client.get('/things/recent')).status).toBe(200);
    expect((await app.browser({ cookie: `sid=${before}` }).get('/things')).status).toBe(401);
  });

  it('leave open only what changes the password while it must be changed', async () => {
    const app = await start({ controllers });
    const { oneTimePassword } = await app.users.create({ username: 'alice' });
    const client = await app.signedIn('alice', oneTimePassword);
    expect((await client.get('/auth/me')).json<{ user: object }>().user).toMatchObject({ mustChangePassword: true });
    for (const path of ['/things', '/things/optional', '/auth/sessions']) {
      const answer = await client.get(path);
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 403, 'password_change_required']);
    }
    expect(codeOf(await client.post('/auth/reauthenticate', { password: oneTimePassword }))).toBe(
      'password_change_required',
    );
    const page = await client.get('/things', HTML);
    expect([page.status, page.headers.get('location')]).toEqual([303, '/account/password?next=%2Fthings']);
    expect((await client.get('/things/public')).status).toBe(200);
    expect(
      (await client.post('/auth/password', { currentPassword: oneTimePassword, newPassword: PASSWORD })).status,
    ).toBe(204);
    expect((await client.get('/things')).status).toBe(200);
    expect((await client.post('/auth/logout')).status).toBe(204);
  });
});
