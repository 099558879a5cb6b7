import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HitsModule, type HitsModuleOptions } from 'nest-gatehouse/hits';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';

async function start(options: HitsModuleOptions) {
  class AppModule {}
  const imports = [MemoryStorageModule.forRoot(), SessionModule.forRoot(), HitsModule.forRoot(options)];
  const module = { module: AppModule, imports };
  return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
}

describe('The options of HitsModule', () => {
  const { NODE_ENV } = process.env;

  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV;
  });

  it.each([
    [{ mode: 'sometimes' }, 'mode'],
    [{ flushInterval: '1ms' }, 'flushInterval'],
    [{ flushInterval: '2m' }, 'flushInterval'],
    [{ retention: '1h' }, 'retention'],
    [{ retention: '90d', dailyRetention: '30d' }, 'retention'],
    [{ maxRoutes: 0 }, 'maxRoutes'],
    [{ maxAgents: 1.5 }, 'maxAgents'],
    [{ exclude: ['assets'] }, 'exclude.0'],
    [{ storeDeadline: 0 }, 'storeDeadline'],
    [{ sampling: 0.1 }, 'sampling'],
  ])('are checked at the start, and the wrong one is named: %j', async (options, name) => {
    const failure = await start(options as HitsModuleOptions).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(failure).toMatch(/^HitsModule was given options it cannot use/);
    expect(failure).toContain(name);
  });

  it('need no store outside production, and one in it', async () => {
    await (await start({})).close();
    process.env.NODE_ENV = 'production';
    await expect(start({})).rejects.toThrow(/HitStore.*MemoryHitStorageModule\.forRoot\(\)/s);
  });
});
