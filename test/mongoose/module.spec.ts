import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Inject, Injectable, Module, type DynamicModule } from '@nestjs/common';
import { getConnectionToken, MongooseModule, type MongooseModuleFactoryOptions } from '@nestjs/mongoose';
import { Test } from '@nestjs/testing';
import type { Connection } from 'mongoose';
import { Clock } from 'nest-gatehouse/common';
import { MongooseStorageModule } from 'nest-gatehouse/mongoose';
import { SessionIndex, SessionLocks, SessionStore } from 'nest-gatehouse/session/storage';
import { FakeClock } from '../support/apps/fake-clock.js';
import { describeWithMongod, mongodOfRun } from '../support/mongod/mongod-run.js';
import { freshDatabaseName } from './support/mongo-storage.js';
import { aRecord } from '../support/records/sessions.js';

describeWithMongod('MongooseStorageModule', () => {
  const dbName = freshDatabaseName();
  const clock = new FakeClock();
  let uri: string;

  @Injectable()
  class Consumer {
    constructor(
      readonly store: SessionStore,
      readonly index: SessionIndex,
      readonly locks: SessionLocks,
    ) {}
  }

  @Module({ providers: [Consumer], exports: [Consumer] })
  class FeatureModule {}

  @Module({ providers: [{ provide: Clock, useValue: clock }], exports: [Clock] })
  class TimeModule {}

  const made: Connection[] = [];

  /** Where the start is refused there is no application that closes the connection. */
  function connection(options: MongooseModuleFactoryOptions & { connectionName?: string } = {}): DynamicModule {
    const connectionFactory = (fresh: Connection) => {
      made.push(fresh);
      return fresh;
    };
    return MongooseModule.forRoot(uri, { dbName, connectionFactory, ...options });
  }

  beforeAll(async () => {
    ({ uri } = (await mongodOfRun())!);
  });

  afterEach(async () => {
    for (const fresh of made.splice(0)) await fresh.close();
  });

  afterAll(async () => {
    const app = await Test.createTestingModule({ imports: [connection()] }).compile();
    await app.get<Connection>(getConnectionToken()).dropDatabase();
    await app.close();
  });

  it("provides the three contracts to every module, on the application's own connection", async () => {
    const app = await Test.createTestingModule({
      imports: [connection(), MongooseStorageModule.forRoot(), FeatureModule],
    }).compile();
    const { store, index, locks } = app.get(Consumer);
    const record = aRecord(clock);
    await store.insert(record);
    expect(await store.read(record.handle)).toEqual(record);
    expect(await index.count({})).toBe(1);
    expect(await locks.acquire('key', { wait: 0, lease: 1_000 })).not.toBeNull();
    expect(Object.keys(app.get<Connection>(getConnectionToken()).models)).toContain('GatehouseSession');
    await app.close();
  });

  it('takes a connection by name, options from a factory, and a clock where there is one', async () => {
    @Module({ providers: [{ provide: 'PREFIX', useValue: 'other_' }], exports: ['PREFIX'] })
    class ConfigurationModule {}

    @Injectable()
    class Named {
      constructor(@Inject(getConnectionToken('sessions')) readonly connection: Connection) {}
    }

    const app = await Test.createTestingModule({
      imports: [
        { module: TimeModule, global: true },
        connection({ connectionName: 'sessions' }),
        MongooseStorageModule.forRootAsync({
          connectionName: 'sessions',
          imports: [ConfigurationModule],
          inject: ['PREFIX'],
          useFactory: (collectionPrefix: string) => ({ collectionPrefix }),
        }),
        FeatureModule,
      ],
      providers: [Named],
    }).compile();
    const { store } = app.get(Consumer);
    const record = aRecord(clock);
    await store.insert(record);
    expect(await app.get(Named).connection.db!.collection('other_sessions').countDocuments({})).toBe(1);
    clock.advance(12 * 3_600_000);
    expect(await store.read(record.handle)).toBeNull();
    await app.close();
  });

  it('refuses to start without a connection, and says what to import', async () => {
    const start = Test.createTestingModule({
      imports: [MongooseStorageModule.forRoot({ connectionName: 'sessions' })],
    }).compile();
    await expect(start).rejects.toThrow("import MongooseModule.forRoot(uri, { connectionName: 'sessions' })");
  });

  it('refuses options that it cannot use', async () => {
    const start = (options: object) =>
      Test.createTestingModule({
        imports: [connection(), MongooseStorageModule.forRoot(options)],
      }).compile();
    await expect(start({ operationDeadline: '1h' })).rejects.toThrow("operationDeadline: expected '100ms' to '1m'");
    await expect(start({ collectionPrefix: 'a.b$' })).rejects.toThrow('collectionPrefix');
    await expect(start({ ttlGrace: 0 })).rejects.toThrow('ttlGrace');
    await expect(start({ deadline: 1 })).rejects.toThrow('deadline');
  });

  it('refuses a connection that does not acknowledge writes', async () => {
    const start = Test.createTestingModule({
      imports: [connection({ writeConcern: { w: 0 } }), MongooseStorageModule.forRoot()],
    }).compile();
    await expect(start).rejects.toThrow('w=0');
  });
});
