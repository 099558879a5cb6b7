import { expect, it } from '@jest/globals';
import { Controller, Post, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { Public, type SignedInUser } from 'nest-gatehouse/auth';
import { LOCAL_STRATEGY, LocalStrategy } from 'nest-gatehouse/auth/passport';
import { onEveryPlatform, OTHER_PASSWORD, PASSWORD } from './support/auth-app.js';

@Public()
@Controller('passport')
class PassportController {
  @Post('login')
  @UseGuards(AuthGuard(LOCAL_STRATEGY))
  login(@Req() request: { readonly user: SignedInUser }) {
    return { username: request.user.username };
  }
}

onEveryPlatform('The strategy for passport', (start) => {
  const begin = async () => {
    const app = await start({ controllers: [PassportController], providers: [LocalStrategy] });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    return { app, user };
  };

  it('signs in as the login route does', async () => {
    const { app, user } = await begin();
    const client = app.browser();
    const answer = await client.post('/passport/login', { username: 'Alice', password: PASSWORD });
    expect([answer.status, answer.json()]).toEqual([201, { username: 'alice' }]);
    expect(await app.sessions.count({ userId: user.id })).toBe(1);
    expect((await client.get('/auth/me')).status).toBe(200);
    expect(app.audit.map(({ type }) => type)).toContain('login.ok');
  });

  it('refuses a wrong password, and counts it', async () => {
    const { app, user } = await begin();
    const answer = await app.browser().post('/passport/login', { username: 'alice', password: OTHER_PASSWORD });
    expect(answer.status).toBe(401);
    expect(answer.setCookies).toEqual([]);
    expect(await app.sessions.count({ userId: user.id })).toBe(0);
    expect(app.audit.map(({ type }) => type)).toContain('login.failed');
  });

  it('never reads a password from the address', async () => {
    const { app, user } = await begin();
    const query = new URLSearchParams({ username: 'alice', password: PASSWORD });
    const answer = await app.browser().post(`/passport/login?${query}`, {});
    expect(answer.status).toBe(401);
    expect(await app.sessions.count({ userId: user.id })).toBe(0);
  });
});
