import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import { MemoryStorageModule } from 'nest-gatehouse/session';
import { SessionStore, StorageHealth } from 'nest-gatehouse/session/storage';
import { SqliteDatabase, SqliteStorageHealth, SqliteStorageModule } from 'nest-gatehouse/sqlite';
import type { Configuration } from '../../src/config/settings.js';
import { SessionStoreHealth } from '../../src/health/session-store.health.js';
import { newSession } from '../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from './support/temporary-directory.js';

describe('StorageHealth', () => {
  let directory: TemporaryDirectory;
  let file: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'sessions.db');
  });

  afterEach(() => directory.remove());

  it('comes with the storage module', async () => {
    @Module({ imports: [SqliteStorageModule.forRoot({ file })] })
    class OnSqlite {}

    @Module({ imports: [MemoryStorageModule.forRoot()] })
    class InMemory {}

    for (const module of [OnSqlite, InMemory]) {
      const app = await NestFactory.createApplicationContext(module, { logger: false });
      await expect(app.get(StorageHealth).check()).resolves.toBeUndefined();
      await app.close();
    }
  });

  it('writes once however many ask, and sees at once that the file has gone', async () => {
    const database = await SqliteDatabase.open({ file });
    const health = new SqliteStorageHealth(database);
    const write = jest.spyOn(database, 'write');
    await Promise.all(Array.from({ length: 200 }, () => health.check()));
    await health.check();
    expect(write).toHaveBeenCalledTimes(1);
    expect(write).toHaveBeenCalledWith(expect.anything(), 'durable', 'end');

    renameSync(file, `${file}.old`);
    await expect(health.check()).rejects.toMatchObject({ failure: 'io' });
    renameSync(`${file}.old`, file);
    await expect(health.check()).resolves.toBeUndefined();
    await database.close();
  });

  it('need not be there: then readiness asks the store for a session', async () => {
    const answers: (() => unknown)[] = [() => null, () => newSession(), () => Promise.reject(new Error('away'))];

    @Module({ imports: [TerminusModule] })
    class HealthModule {}

    const app = await NestFactory.createApplicationContext(HealthModule, { logger: false });
    const indicators = app.get(HealthIndicatorService, { strict: false });
    const results = answers.map((read) => {
      const store = { read } as unknown as SessionStore;
      return new SessionStoreHealth(indicators, store, { STORE_DEADLINE: 1_000 } as Configuration).check();
    });
    const statuses = (await Promise.all(results)).map(({ session_store }) => session_store.status);
    expect(statuses).toEqual(['up', 'up', 'down']);
    await app.close();
  });
});
