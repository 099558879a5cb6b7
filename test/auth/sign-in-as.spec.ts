import { expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CurrentUser, Roles } from 'nest-gatehouse/auth';
import { MemoryStorageModule, Session, SessionModule } from 'nest-gatehouse/session';
import { signInAs } from 'nest-gatehouse/testing';
import { onEveryPlatform, PASSWORD } from './support/auth-app.js';

@Controller('reports')
class ReportsController {
  @Get()
  @Roles('editor')
  list(@CurrentUser('username') username: string, @Session() session: Session) {
    return { username, data: { ...session } };
  }
}

onEveryPlatform('signInAs', (start) => {
  const begin = async (session = {}) => {
    const app = await start({ controllers: [ReportsController], session });
    const { user } = await app.users.create({ username: 'Alice', password: PASSWORD, roles: ['editor'] });
    return { app, user };
  };

  it('gives a supertest agent that is signed in, until it signs out', async () => {
    const { app } = await begin();
    const agent = await (await signInAs(app.app, 'alice', { data: { cart: ['book'] } })).agent();
    const answer = await agent.get('/reports').expect(200);
    expect(answer.body).toEqual({ username: 'Alice', data: { cart: ['book'] } });
    await agent.post('/auth/logout').expect(204);
    await agent.get('/reports').expect(401);
    expect(await app.sessions.count()).toBe(0);
  });

  it('gives the header for all other clients', async () => {
    const { app, user } = await begin();
    const { headers, cookie, session } = await signInAs(app.app, user);
    expect(headers).toEqual({ cookie });
    expect((await app.browser(headers).get('/reports')).json()).toMatchObject({ username: 'Alice' });
    expect(await app.sessions.read(session.handle)).toMatchObject({ userId: user.id, amr: ['pwd'] });
  });

  it('gives the header of the transport where there is no cookie', async () => {
    const { app } = await begin({ transport: 'header' });
    const client = await signInAs(app.app, 'alice');
    expect([client.cookie, Object.keys(client.headers)]).toEqual(['', ['x-session-token']]);
    expect((await app.browser(client.headers).get('/reports')).status).toBe(200);
    await expect(client.agent()).rejects.toThrow('use `headers`');
  });

  it('says what is missing', async () => {
    const { app } = await begin();
    await expect(signInAs(app.app, 'nobody')).rejects.toThrow('no account "nobody"; make one by UserService.create()');
    await expect(signInAs(app.app, { id: 'gone' })).rejects.toThrow('no account "gone"');
  });
});

it('signInAs works by the id alone in an application without AuthModule', async () => {
  @Controller()
  class LookController {
    @Get()
    look(@Session() session: Session) {
      return { ...session };
    }
  }
  @Module({ imports: [MemoryStorageModule.forRoot(), SessionModule.forRoot()], controllers: [LookController] })
  class PlainModule {}
  const testing = await Test.createTestingModule({ imports: [PlainModule] }).compile();
  const app = testing.createNestApplication();
  await app.init();
  const agent = await (await signInAs(app, { id: '42' }, { data: { passport: { user: 42 } } })).agent();
  expect((await agent.get('/').expect(200)).body).toEqual({ passport: { user: 42 } });
  await expect(signInAs(app, 'ada')).rejects.toThrow('give the id of the user');
  await app.close();
});
