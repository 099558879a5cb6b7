import { once } from 'node:events';
import { ArgumentsHost, Catch, ExceptionFilter, INestApplication, Module, UseFilters } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { AuthModule, CurrentUser, UserService } from 'nest-gatehouse/auth';
import { Session, SessionModule, SessionService } from 'nest-gatehouse/session';
import { signInAs } from 'nest-gatehouse/testing';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { storageModule } from './../src/storage.js';
import { adapter } from './adapter.js';

interface Socket {
  /** @returns what the gateway says to a visit: its answer, or the refusal */
  visit(): Promise<unknown>;
  readonly closed: Promise<unknown>;
  end(): void;
}

/** Without it, Nest 11 sends no exception to clients of `ws`. */
@Catch(WsException)
class SendRefusals implements ExceptionFilter<WsException> {
  catch(exception: WsException, host: ArgumentsHost) {
    const client = host.switchToWs().getClient<WebSocket>();
    const refusal = exception.getError();
    if ('readyState' in client) client.send(JSON.stringify({ event: 'exception', data: refusal }));
    else (client as WebSocket).emit('exception', refusal);
  }
}

@WebSocketGateway()
@UseFilters(SendRefusals)
class VisitsGateway {
  @SubscribeMessage('visit')
  visit(@Session() session: Session<{ visits: number }>, @CurrentUser('username') name: string) {
    session.visits = (session.visits ?? 0) + 1;
    return { event: 'answer', data: { name, visits: session.visits } };
  }
}

@Module({
  imports: [storageModule, SessionModule.forRoot(), AuthModule.forRoot({ bcryptCost: 4 })],
  providers: [VisitsGateway],
})
class SocketsModule {}

async function openWs(url: string, headers: Record<string, string>): Promise<Socket> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  await once(socket, 'open');
  return {
    closed: once(socket, 'close'),
    end: () => socket.terminate(),
    visit: async () => {
      socket.send(JSON.stringify({ event: 'visit', data: null }));
      const [message] = (await once(socket, 'message')) as [Buffer];
      return (JSON.parse(message.toString()) as { data: unknown }).data;
    },
  };
}

async function openSocketIo(url: string, headers: Record<string, string>): Promise<Socket> {
  const socket = io(url, { extraHeaders: headers, transports: ['websocket'], forceNew: true });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return {
    closed: new Promise((resolve) => socket.once('disconnect', resolve)),
    end: () => void socket.disconnect(),
    visit: () =>
      new Promise((resolve) => {
        socket.once('answer', resolve);
        socket.once('exception', resolve);
        socket.emit('visit', null);
      }),
  };
}

const TRANSPORTS = [
  { name: 'ws', adapterOf: (app: INestApplication) => new WsAdapter(app), open: openWs },
  { name: 'Socket.IO', adapterOf: (app: INestApplication) => new IoAdapter(app), open: openSocketIo },
];

describe.each(TRANSPORTS)('Visits by $name (e2e)', ({ name, adapterOf, open }) => {
  let app: INestApplication;

  beforeAll(async () => {
    const fixture = await Test.createTestingModule({ imports: [SocketsModule] }).compile();
    app = fixture.createNestApplication(adapter());
    app.useWebSocketAdapter(adapterOf(app));
    await app.listen(0, '127.0.0.1');
  });

  afterAll(async () => {
    await app.close();
  });

  it('are counted in the session of the handshake, refused to strangers, and close with the session', async () => {
    await app.get(UserService).create({ username: name, password: 'four words of hers' });
    const user = await signInAs(app, name);
    const socket = await open(await app.getUrl(), user.headers);
    expect(await socket.visit()).toEqual({ name, visits: 1 });
    expect(await socket.visit()).toEqual({ name, visits: 2 });

    const stranger = await open(await app.getUrl(), {});
    expect(await stranger.visit()).toMatchObject({ status: 401, code: 'not_signed_in' });
    stranger.end();

    await app.get(SessionService).end(user.session.handle);
    await socket.closed;
    socket.end();
  });
});
