import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApplicationConfig } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  MemoryStorageModule,
  RequireSession,
  Session,
  SessionModule,
  SessionService,
  SkipSession,
} from 'nest-gatehouse/session';
import { SessionLocks } from 'nest-gatehouse/session/storage';
import { concat, NEVER, of } from 'rxjs';
import { type RunningApp, startApp } from '../../support/apps/platforms.js';
import { connectWs } from './socket-client.js';

@WebSocketGateway()
class CartGateway {
  @SubscribeMessage('add')
  @RequireSession()
  add(@Session() session: Session<{ cart?: unknown[] }>, @MessageBody() item: unknown) {
    session.cart = [...(session.cart ?? []), item];
    return { event: 'add', data: session.cart.length };
  }

  @SubscribeMessage('skip')
  @SkipSession()
  skip(@Session() session: unknown) {
    return { event: 'skip', data: typeof session };
  }
}

@WebSocketGateway()
class FeedGateway {
  /** Goes on for as long as the socket is open. */
  @SubscribeMessage('feed')
  feed() {
    return concat(of({ event: 'feed', data: 'first' }), NEVER);
  }

  @SubscribeMessage('put')
  put(@Session() session: Session<{ n?: number }>) {
    session.n = 1;
    return { event: 'put', data: 'put' };
  }
}

/** Of a path that the application excludes from sessions. */
@WebSocketGateway({ path: '/quiet' })
class QuietGateway {
  @SubscribeMessage('session')
  session(@Session() session: unknown) {
    return { event: 'session', data: typeof session };
  }
}

describe('Gateways of an application without sign-in', () => {
  let running: RunningApp;
  let sessions: SessionService;

  beforeAll(async () => {
    running = await startApp(
      'express',
      {
        imports: [MemoryStorageModule.forRoot(), SessionModule.forRoot({ locking: 'implicit', exclude: ['/quiet'] })],
        providers: [CartGateway, QuietGateway],
      },
      (app) => app.useWebSocketAdapter(new WsAdapter(app)),
    );
    sessions = running.app.get(SessionService);
  });
  afterAll(() => running?.close());

  it('have the session of their handshake, one message at a time', async () => {
    const { session, token } = await sessions.createForUser('alice');
    const sockets = await Promise.all([1, 2, 3].map(() => connectWs(running.url, { cookie: `sid=${token}` })));
    await Promise.all(sockets.map((socket, at) => socket.ask('add', at)));
    expect((await sessions.read(session.handle))?.data.cart).toHaveLength(3);
    expect(await sockets[0]!.ask('skip')).toEqual({ data: 'undefined' });
    await sessions.end(session.handle);
    expect(await sockets[0]!.ask('add', 1)).toMatchObject({ refusal: { code: 'no_session', status: 401 } });
    for (const socket of sockets) socket.end();
  });

  it('lock nothing by themselves where the application does not', async () => {
    const plain = await startApp(
      'fastify',
      { imports: [MemoryStorageModule.forRoot(), SessionModule.forRoot()], providers: [FeedGateway] },
      (app) => app.useWebSocketAdapter(new WsAdapter(app)),
    );
    const { token } = await plain.app.get(SessionService).createForUser('alice');
    const acquire = jest.spyOn(plain.app.get(SessionLocks), 'acquire');
    const [feed, other] = [
      await connectWs(plain.url, { cookie: `sid=${token}` }),
      await connectWs(plain.url, { cookie: `sid=${token}` }),
    ];
    expect(await feed.ask('feed')).toEqual({ data: 'first' });
    expect(await other.ask('put')).toEqual({ data: 'put' });
    expect(acquire).not.toHaveBeenCalled();
    for (const socket of [feed, other]) socket.end();
    await plain.close();
  });

  it('are as if there were no sessions, on a path that is excluded', async () => {
    const { token } = await sessions.createForUser('alice');
    const socket = await connectWs(`${running.url}/quiet`, { cookie: `sid=${token}` });
    expect(await socket.ask('session')).toEqual({ data: 'undefined' });
    socket.end();
  });

  it('alone cost something: without any, no guard and no interceptor is added', async () => {
    const globals = (app: RunningApp['app']) => {
      const config = app.get(ApplicationConfig);
      return [config.getGlobalGuards().length, config.getGlobalInterceptors().length];
    };
    expect(globals(running.app)).toEqual([1, 1]);
    const imports = [MemoryStorageModule.forRoot(), SessionModule.forRoot()];
    const plain = await startApp('fastify', { imports });
    expect(globals(plain.app)).toEqual([0, 0]);
    await plain.close();
  });
});
