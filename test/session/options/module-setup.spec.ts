import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type DynamicModule, type LoggerService, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AdminModule } from 'nest-gatehouse/admin';
import { AuthModule, MemoryAuthStorageModule, UserService } from 'nest-gatehouse/auth';
import { HitsModule } from 'nest-gatehouse/hits';
import {
  MemorySessionStore,
  MemoryStorageModule,
  RequireSession,
  Session,
  SessionModule,
} from 'nest-gatehouse/session';
import { SessionStore } from 'nest-gatehouse/session/storage';
import { ApiKeysModule, SessmanModule } from 'nest-gatehouse/sessman';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { PLATFORMS, type Platform } from '../../support/apps/platforms.js';

type Imports = readonly (DynamicModule | Type)[];

@Controller()
class CartController {
  @Get('cart')
  cart(@Session() session: Session<{ cart: string[] }>): string[] {
    return session.cart ?? [];
  }

  @Get('mine')
  @RequireSession()
  mine(): string {
    return 'mine';
  }
}

function application(platform: Platform, imports: Imports, logger: LoggerService | false = false) {
  class RootModule {}
  Module({ imports: [...imports], controllers: [CartController] })(RootModule);
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  return NestFactory.create<NestFastifyApplication>(RootModule, adapter as FastifyAdapter, {
    logger,
    abortOnError: false,
  });
}

class CartModule {}
Module({ imports: [SessionModule.forRoot({ idleTimeout: '5m' })] })(CartModule);

class UsersModule {}
Module({ providers: [{ provide: 'first user', inject: [UserService], useFactory: () => null }] })(UsersModule);

const memory = () => MemoryStorageModule.forRoot();
class OwnStorageModule {}
Module({ providers: [{ provide: SessionStore, useValue: new MemorySessionStore() }], exports: [SessionStore] })(
  OwnStorageModule,
);
const own = () => ({ module: OwnStorageModule, global: true });

const refused: readonly (readonly [string, () => Imports, string])[] = [
  [
    'SessionModule without forRoot',
    () => [SessionModule],
    'SessionModule is imported as it is: write SessionModule.forRoot()',
  ],
  [
    'a storage without forRoot',
    () => [SqliteStorageModule, SessionModule.forRoot()],
    'SqliteStorageModule is imported as it is',
  ],
  [
    'AuthModule without forRoot',
    () => [SessionModule.forRoot(), AuthModule, UsersModule],
    'AuthModule is imported as it is: write AuthModule.forRoot()',
  ],
  [
    'HitsModule without forRoot',
    () => [SessionModule.forRoot(), HitsModule],
    'HitsModule is imported as it is: write HitsModule.forRoot()',
  ],
  [
    'SessmanModule without forRoot',
    () => [SessionModule.forRoot(), SessmanModule],
    'SessmanModule is imported as it is: write SessmanModule.forRoot()',
  ],
  [
    'ApiKeysModule without forRoot',
    () => [SessionModule.forRoot(), ApiKeysModule],
    'ApiKeysModule is imported as it is: write ApiKeysModule.forRoot()',
  ],
  [
    'ApiKeysModule beside SessmanModule',
    () => [memory(), SessionModule.forRoot(), SessmanModule.forRoot(), ApiKeysModule.forRoot()],
    'import it once, in the root module. SessmanModule.forRoot() brings it already.',
  ],
  [
    'AdminModule without forRoot',
    () => [SessionModule.forRoot(), AuthModule.forRoot(), AdminModule],
    'AdminModule is imported as it is: write AdminModule.forRoot()',
  ],
  [
    'options that a factory forgot to return',
    () => [SessionModule.forRootAsync({ useFactory: () => undefined as never })],
    'SessionModule was given options it cannot use:\n  (options): useFactory returned nothing',
  ],
  [
    'two AuthModules',
    () => [SessionModule.forRoot(), AuthModule.forRoot(), AuthModule.forRoot({ prefix: 'users' })],
    'AuthModule is imported 2 times (by RootModule)',
  ],
  [
    'two SessionModules',
    () => [memory(), SessionModule.forRoot(), CartModule],
    'SessionModule is imported 2 times (by RootModule, CartModule): import it once, in the root module.',
  ],
  [
    'two storages',
    () => [memory(), own(), SessionModule.forRoot()],
    'SessionModule has more than one storage, MemoryStorageModule and OwnStorageModule: import one of them',
  ],
  [
    'one storage twice',
    () => [memory(), SessionModule.forRoot(), memory()],
    'MemoryStorageModule is imported 2 times (by RootModule)',
  ],
  [
    'AuthModule alone',
    () => [MemoryAuthStorageModule, AuthModule.forRoot()],
    'the argument "SessionModule.forRoot() in the imports of the root module" at index',
  ],
  [
    'HitsModule alone',
    () => [HitsModule.forRoot()],
    'the argument "SessionModule.forRoot() in the imports of the root module" at index',
  ],
  [
    'SessmanModule alone',
    () => [SessmanModule.forRoot()],
    'the argument "SessionModule.forRoot() in the imports of the root module" at index',
  ],
  [
    'AdminModule without AuthModule',
    () => [SessionModule.forRoot(), AdminModule.forRoot()],
    'the argument "AuthModule.forRoot() in the imports of the root module" at index',
  ],
];

describe.each(PLATFORMS)('A set-up that cannot work (%s)', (platform) => {
  it.each(refused)('stops the start with one sentence: %s', async (_title, imports, sentence) => {
    const failure = await application(platform, imports()).then(
      () => new Error('It started.'),
      (error: Error) => error,
    );
    expect(failure.message).toContain(sentence);
  });

  it('says what is missing where a handler asks for a session and there are none', async () => {
    const lines: string[] = [];
    const quiet = () => undefined;
    const error = (line: unknown) => void lines.push(line instanceof Error ? line.message : String(line));
    const app = await application(platform, [], { log: quiet, warn: quiet, error });
    try {
      await app.listen(0, '127.0.0.1');
      for (const path of ['/cart', '/mine']) expect((await fetch((await app.getUrl()) + path)).status).toBe(500);
    } finally {
      await app.close();
    }
    const remedy = 'add SessionModule.forRoot() of nest-gatehouse/session to the imports of the root module.';
    expect(lines.filter((line) => line.includes(remedy))).toHaveLength(2);
    expect(lines.join('\n')).toContain('CartController.cart asks for the session');
  });
});
