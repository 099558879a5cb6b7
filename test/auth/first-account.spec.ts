import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, Logger, Module, type OnApplicationBootstrap, type Provider } from '@nestjs/common';
import { AuthModule, MemoryAuthStorageModule, UserService } from 'nest-gatehouse/auth';
import { UserStore } from 'nest-gatehouse/auth/storage';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { startApp } from '../support/apps/platforms.js';

@Injectable()
class MakesOne implements OnApplicationBootstrap {
  constructor(private readonly users: UserService) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.users.create({ username: 'ada', password: null, roles: ['admin'] });
  }
}

@Module({
  imports: [MemoryAuthStorageModule],
  providers: [{ provide: UserStore, useValue: { list: () => Promise.reject(new Error('lists nobody')) } }],
  exports: [UserStore],
})
class CountlessUsersModule {}

interface Setup {
  /** Default: true. */
  readonly hint?: boolean | 'default';
  readonly providers?: Provider[];
  readonly imports?: (typeof CountlessUsersModule)[];
}

/** @returns what an application says of missing accounts once it listens and has asked its store */
async function saidBy({ hint = true, providers = [], imports = [] }: Setup): Promise<unknown[]> {
  const lines: unknown[] = [];
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((line: unknown) => void lines.push(line));
  const { app, close } = await startApp('express', {
    imports: [
      MemoryStorageModule.forRoot(),
      MemoryAuthStorageModule,
      SessionModule.forRoot(),
      AuthModule.forRoot({ bcryptCost: 4, ...(hint !== 'default' && { firstAccountHint: hint }), imports }),
    ],
    providers,
  });
  await new Promise(setImmediate);
  await app
    .get(UserService)
    .list()
    .catch(() => undefined);
  await close();
  return lines.filter((line) => String(line).includes('no account'));
}

describe('An application without accounts', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('says once how to make the first one', async () => {
    expect(await saidBy({})).toEqual([
      expect.stringContaining(
        'There is no account yet. Make the first administrator by `npx gatehouse user:create NAME',
      ),
    ]);
  });

  it.each([
    ['test', 0],
    ['production', 1],
  ])('says it by default unless it is a test: NODE_ENV=%s', async (environment, times) => {
    const replaced = jest.replaceProperty(process, 'env', { ...process.env, NODE_ENV: environment });
    expect(await saidBy({ hint: 'default' })).toHaveLength(times);
    replaced.restore();
  });

  it.each([
    ['it makes one at its start', { providers: [MakesOne] }],
    ['its own store cannot tell', { imports: [CountlessUsersModule] }],
    ['it wants to hear nothing', { hint: false }],
  ])('says nothing where %s', async (_, setup) => {
    expect(await saidBy(setup)).toEqual([]);
  });
});
