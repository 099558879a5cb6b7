import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MongooseStorageHealth } from 'nest-gatehouse/mongoose';
import { FakeClock } from '../support/apps/fake-clock.js';
import { until } from '../support/latch.js';
import { Mongod } from '../support/mongod/mongod.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';
import { aRecord } from '../support/records/sessions.js';

describeWithMongod('Whether MongoDB is ready', () => {
  const clock = new FakeClock();
  let mongod: Mongod;
  let storage: MongoStorage;
  let health: MongooseStorageHealth;

  beforeAll(async () => {
    mongod = await Mongod.start();
    storage = await openMongoStorage(clock, { uri: mongod.uri, operationDeadline: 1_000 });
    health = new MongooseStorageHealth(storage.database);
  });

  afterAll(async () => {
    await storage?.close();
    await mongod?.stop();
  });

  const isReady = () =>
    health.check().then(
      () => true,
      () => false,
    );
  const command = (body: Record<string, unknown>) => storage.connection.db!.admin().command(body);

  it('is proved by a write on the majority and in the journal', async () => {
    const fresh = new MongooseStorageHealth(storage.database);
    const sent = await storage.commands.during(() => fresh.check());
    expect(sent).toEqual(['update']);
    expect(storage.commands.bodies[0]).toMatchObject({ writeConcern: { w: 'majority', j: true } });
  });

  it('costs one write however many ask at once, and soon after', async () => {
    const fresh = new MongooseStorageHealth(storage.database);
    const ask = () => Promise.all(Array.from({ length: 50 }, () => fresh.check()));
    const sent = await storage.commands.during(async () => {
      await ask();
      await ask();
    });
    expect(sent).toEqual(['update']);
  });

  it('is not while reads are answered and writes are not, and is again afterwards', async () => {
    const record = aRecord(clock);
    await storage.store.insert(record);
    await until('it is ready', isReady);
    await command({ fsync: 1, lock: true });
    try {
      await until('it is not ready', async () => !(await isReady()));
      expect(await storage.store.read(record.handle)).toEqual(record);
      await expect(health.check()).rejects.toMatchObject({ name: 'StoreUnavailableError', failure: 'busy' });
    } finally {
      await command({ fsyncUnlock: 1 });
    }
    await until('it is ready again', isReady);
  });

  it('is not while mongod is away', async () => {
    await mongod.kill();
    await until('it is not ready', async () => !(await isReady()));
    await mongod.restart();
    await until('it is ready again', isReady);
  });
});
