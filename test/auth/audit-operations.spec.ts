import { expect, it } from '@jest/globals';
import { Controller, Post, Req } from '@nestjs/common';
import { AuditService, AuthService, Public, UserService } from 'nest-gatehouse/auth';
import { type HttpRequest, visitorOf } from 'nest-gatehouse/auth/http';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { LOGIN, onEveryPlatform, OTHER_PASSWORD, PASSWORD, type AuthApp } from './support/auth-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const AGENT = 'an agent of its own';

/** Somebody whom the application has recognised by other means. */
@Public()
@Controller('federated')
class FederatedController {
  constructor(
    private readonly auth: AuthService,
    private readonly users: UserService,
  ) {}

  @Post()
  async enter(@Req() request: HttpRequest) {
    await this.auth.establish(visitorOf(request), (await this.users.find('alice'))!, { amr: ['fed', 'hwk'], aal: 2 });
  }
}

/** What the trail of the store has, oldest first. */
async function trailOf(app: AuthApp) {
  const { items } = await app.app.get(AuditService).find({}, { limit: 200 });
  return items.filter(({ type }) => !type.startsWith('session.') && !type.startsWith('user.')).reverse();
}

sharingApps(onEveryPlatform)('Every operation of authentication', (start) => {
  it('is in the trail, good or bad, with its factors, its time, its user and where it came from', async () => {
    const auth = { freeFailures: 5, maxSessionsPerUser: 2, sessionLimitPolicy: 'refuse' } as const;
    const app = await start({ controllers: [FederatedController], auth });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const { user: gone } = await app.users.create({ username: 'gone', password: PASSWORD });
    await app.users.disable(gone.id);
    await app.app.get(AuthStorage).users.insert({ id: 'x', username: 'x', canonicalUsername: 'x', createdAt: 0 });
    const agent = () => app.browser({ 'user-agent': AGENT });
    const client = agent();
    const login = (username: string, password = PASSWORD) => agent().post(LOGIN, { username, password });

    await client.post(LOGIN, { username: 'alice', password: PASSWORD });
    await agent().post('/federated');
    await login('alice');
    await login('alice', 'wrong');
    await login('nobody');
    await login('gone');
    await login('x');
    await client.post('/auth/reauthenticate', { password: PASSWORD });
    await client.post('/auth/reauthenticate', { password: 'wrong' });
    await client.post('/auth/password', { currentPassword: 'wrong', newPassword: OTHER_PASSWORD });
    await client.post('/auth/password', { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD });
    for (let n = 0; n < 6; n++) await login('throttled');
    await client.post('/auth/logout');
    await app.users.setOneTimePassword(user.id, { actorId: 'operator', userAgent: AGENT });

    const seen = await trailOf(app);
    const unknown = Array.from({ length: 5 }, () => ['login.failed', 'unknown_user', null]);
    expect(seen.map(({ type, detail, userId }) => [type, detail, userId])).toEqual([
      ['login.ok', 'pwd', user.id],
      ['login.ok', 'fed hwk', user.id],
      ['login.refused', 'session_limit', user.id],
      ['login.failed', 'wrong_password', user.id],
      ['login.failed', 'unknown_user', null],
      ['login.failed', 'disabled', gone.id],
      ['login.failed', 'no_password', 'x'],
      ['reauthenticated', null, user.id],
      ['login.failed', 'wrong_password at re-authentication', user.id],
      ['login.failed', 'wrong_password at a password change', user.id],
      ['password.changed', null, user.id],
      ...unknown,
      ['login.throttled', null, null],
      ['logout', null, user.id],
      ['password.reset', null, user.id],
    ]);
    for (const entry of seen) {
      expect(entry).toMatchObject({ at: app.clock.now(), userAgent: AGENT });
      expect([entry.type, entry.ip]).toEqual([entry.type, entry.type === 'password.reset' ? null : '127.0.0.1']);
    }
    expect(seen.at(-1)).toMatchObject({ actorId: 'operator' });
  });
});
