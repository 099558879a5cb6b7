import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Logger, Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  MemorySessionStore,
  MemoryStorageModule,
  Session,
  SessionEvents,
  SessionModule,
  type SessionModuleOptions,
  SessionService,
} from 'nest-gatehouse/session';
import { SessionStore } from 'nest-gatehouse/session/storage';
import { BrowserClient } from '../../support/browser/browser-client.js';
import { PLATFORMS, startApp, type Platform } from '../../support/apps/platforms.js';

@Controller()
class CountController {
  @Get()
  count(@Session() session: Session<{ n: number }>): string {
    session.n = (session.n ?? 0) + 1;
    return String(session.n);
  }
}

function appModule(...imports: DynamicModule[]): Type {
  class AppModule {}
  Module({ imports, controllers: [CountController] })(AppModule);
  return AppModule;
}

async function listen(app: INestApplication): Promise<BrowserClient> {
  await app.listen(0, '127.0.0.1');
  return new BrowserClient((await app.getUrl()).replace('[::1]', '127.0.0.1'));
}

const environment = process.env.NODE_ENV;

afterEach(() => {
  process.env.NODE_ENV = environment;
});

describe('SessionModule', () => {
  it.each(PLATFORMS)('alone keeps sessions in memory (%s)', async (platform: Platform) => {
    const { url, close } = await startApp(platform, {
      imports: [SessionModule.forRoot()],
      controllers: [CountController],
    });
    const visitor = new BrowserClient(url);
    expect((await visitor.get('/')).text).toBe('1');
    expect((await visitor.get('/')).text).toBe('2');
    await close();
  });

  it('alone says at start that sessions end with the process', async () => {
    const lines: string[] = [];
    const quiet = () => undefined;
    const logger = { log: quiet, error: quiet, warn: (line: string) => void lines.push(line) };
    const context = await NestFactory.createApplicationContext(appModule(SessionModule.forRoot()), {
      logger,
      abortOnError: false,
    });
    expect(lines.join()).toMatch(/Kept in memory.*Import a storage module/);
    await context.close();
    Logger.overrideLogger(false);
  });

  it('alone refuses to start in production, and says what to do', async () => {
    process.env.NODE_ENV = 'production';
    const start = NestFactory.createApplicationContext(appModule(SessionModule.forRoot()), {
      logger: false,
      abortOnError: false,
    });
    await expect(start).rejects.toThrow(/no storage.*SqliteStorageModule\.forRoot.*MemoryStorageModule\.forRoot/);
  });

  it('on the memory store that was asked for starts in production, with the strict cookie', async () => {
    process.env.NODE_ENV = 'production';
    const { url, close } = await startApp('fastify', {
      imports: [MemoryStorageModule.forRoot(), SessionModule.forRoot()],
      controllers: [CountController],
    });
    const { setCookies } = await new BrowserClient(url).get('/');
    expect(setCookies[0]?.replace(/=[\w.-]{66}/, '=T')).toBe('__Host-sid=T; Path=/; HttpOnly; Secure; SameSite=Lax');
    await close();
  });

  it('says at start that a storage without AnonymousSessions is not bounded, unless it need not be', async () => {
    class OwnStorageModule {}
    Module({
      providers: [{ provide: SessionStore, useValue: new MemorySessionStore() }],
      exports: [SessionStore],
    })(OwnStorageModule);
    const own = { module: OwnStorageModule, global: true };
    const linesWith = async (options?: SessionModuleOptions) => {
      const lines: string[] = [];
      const quiet = () => undefined;
      const logger = { log: quiet, error: quiet, warn: (line: string) => void lines.push(line) };
      const module = appModule(own, SessionModule.forRoot(options));
      const context = await NestFactory.createApplicationContext(module, { logger, abortOnError: false });
      await context.close();
      Logger.overrideLogger(false);
      return lines.filter((line) => line.includes('AnonymousSessions'));
    };
    expect(await linesWith()).toEqual([
      'maxAnonymousSessions and maxAnonymousBytes do nothing: the session storage has no AnonymousSessions.',
    ]);
    expect(await linesWith({ maxAnonymousSessions: 0, maxAnonymousBytes: 0 })).toEqual([]);
  });

  it('serves jobs and command lines without HTTP', async () => {
    const context = await NestFactory.createApplicationContext(appModule(SessionModule.forRoot()), {
      logger: false,
      abortOnError: false,
    });
    const sessions = context.get(SessionService);
    const { session } = await sessions.createForUser('ada', { data: { n: 1 }, idleTimeout: 60_000 });
    expect(await sessions.read(session.handle)).toMatchObject({ userId: 'ada', data: { n: 1 } });
    expect(await sessions.count({ userId: 'ada' })).toBe(1);
    expect(await sessions.end(session.handle)).toBe(true);
    expect(await sessions.end(session.handle)).toBe(false);
    await expect(sessions.createForUser('ada', { data: { text: 'x'.repeat(70_000) } })).rejects.toMatchObject({
      code: 'session_too_large',
    });
    await context.close();
  });

  it.each(PLATFORMS)('works in an application of a testing module (%s)', async (platform: Platform) => {
    const testing = await Test.createTestingModule({
      imports: [SessionModule.forRoot({ locking: 'implicit' })],
      controllers: [CountController],
    }).compile();
    const app =
      platform === 'express'
        ? testing.createNestApplication()
        : testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    const visitor = await listen(app);
    expect((await visitor.get('/')).text).toBe('1');
    expect((await visitor.get('/')).text).toBe('2');
    await app.close();
  });

  it('tells @nestjs/event-emitter what happens, where the application has it', async () => {
    const context = await NestFactory.createApplicationContext(
      appModule(EventEmitterModule.forRoot(), SessionModule.forRoot()),
      {
        logger: false,
        abortOnError: false,
      },
    );
    const seen: unknown[] = [];
    context.get(EventEmitter2).on('session.ended', (event) => seen.push(event));
    const sessions = context.get(SessionService);
    const { session } = await sessions.createForUser('ada');
    await sessions.end(session.handle, 'limit');
    expect(seen).toMatchObject([{ handle: session.handle, userId: 'ada', reason: 'limit' }]);
    await context.close();
  });

  it('goes on when a listener of its events throws', async () => {
    const { app, url, close } = await startApp('fastify', {
      imports: [SessionModule.forRoot()],
      controllers: [CountController],
    });
    const stop = app.get(SessionEvents).on('session.created', () => {
      throw new Error('on purpose');
    });
    expect((await new BrowserClient(url).get('/')).text).toBe('1');
    stop();
    await close();
  });

  it('keeps two applications in one process apart', async () => {
    const both = await Promise.all(
      PLATFORMS.map((platform) =>
        startApp(platform, { imports: [SessionModule.forRoot()], controllers: [CountController] }),
      ),
    );
    const [first, second] = both.map(({ url }) => new BrowserClient(url));
    await first!.get('/');
    expect((await second!.get('/', { headers: { cookie: `sid=${first!.cookies.get('sid')}` } })).text).toBe('1');
    await Promise.all(both.map(({ close }) => close()));
  });
});
