import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { ModuleMetadata, Type } from '@nestjs/common';
import { getConnectionToken, getModelToken, MongooseModule } from '@nestjs/mongoose';
import { Test } from '@nestjs/testing';
import type { Connection, ConnectOptions, Model } from 'mongoose';
import { AuthModule, UserService } from 'nest-gatehouse/auth';
import { AuditLog, LoginAttempts, PendingEnds, UserStore } from 'nest-gatehouse/auth/storage';
import {
  MongooseAuditLog,
  MongooseLoginAttempts,
  MongoosePendingEnds,
  MongooseStorageModule,
  MongooseUserStore,
  StorageIndexError,
} from 'nest-gatehouse/mongoose';
import { SessionModule } from 'nest-gatehouse/session';
import { SessionStore } from 'nest-gatehouse/session/storage';
import { BrowserClient } from '../support/browser/browser-client.js';
import { describeWithMongod, mongodOfRun } from '../support/mongod/mongod-run.js';
import { PLATFORMS, startApp } from '../support/apps/platforms.js';
import { Member, MembersModule } from './support/members.js';
import { connect, freshDatabaseName } from './support/mongo-storage.js';

const PASSWORD = 'correct horse battery staple';

describeWithMongod('MongooseStorageModule with AuthModule', () => {
  let uri: string;
  /** Of the test, on the same database. */
  let observer: Connection;
  const opened: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    ({ uri } = (await mongodOfRun())!);
    observer = await connect(freshDatabaseName());
  });

  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
    await observer.dropDatabase();
    await observer.close();
  });

  /** Where the start is refused there is no application that closes the connection. */
  function connection(options: ConnectOptions = {}) {
    const connectionFactory = (fresh: Connection) => {
      opened.push(() => fresh.close());
      return fresh;
    };
    return MongooseModule.forRoot(uri, { dbName: observer.name, connectionFactory, ...options });
  }

  async function collections(): Promise<string[]> {
    return (await observer.db!.listCollections().toArray()).map(({ name }) => name).sort();
  }

  async function start(...imports: NonNullable<ModuleMetadata['imports']>) {
    const app = await Test.createTestingModule({ imports }).compile();
    opened.push(() => app.close());
    return app;
  }

  it('provides the four contracts, with their indexes from the start', async () => {
    const app = await start(
      connection(),
      MongooseStorageModule.forRoot(),
      SessionModule.forRoot(),
      AuthModule.forRoot(),
    );
    const kept: [Parameters<typeof app.get>[0], Type][] = [
      [UserStore, MongooseUserStore],
      [LoginAttempts, MongooseLoginAttempts],
      [AuditLog, MongooseAuditLog],
      [PendingEnds, MongoosePendingEnds],
    ];
    for (const [contract, store] of kept) expect(app.get(contract)).toBeInstanceOf(store);
    const indexes = async (name: string) =>
      (await observer.db!.collection(`gatehouse_${name}`).indexes()).map((index) => index.name).sort();
    expect(await indexes('users')).toEqual(['_id_', 'by_canonical_username', 'by_role']);
    expect(await indexes('login_attempts')).toEqual(['_id_', 'expires_at_ttl']);
    expect(await indexes('pending_ends')).toEqual(['_id_', 'by_time']);
    expect(await indexes('audit_log')).toEqual([
      '_id_',
      'by_actor',
      'by_address',
      'by_handle',
      'by_time',
      'by_type',
      'by_user',
      'by_user_and_type',
      'by_username',
    ]);
  });

  it('makes nothing for sign-in where the application has sessions alone', async () => {
    const app = await start(connection(), MongooseStorageModule.forRoot(), SessionModule.forRoot());
    expect(app.get(SessionStore)).toBeDefined();
    expect(await collections()).toEqual(['gatehouse_session_locks', 'gatehouse_sessions', 'gatehouse_user_epochs']);
    expect(Object.keys(app.get<Connection>(getConnectionToken()).models)).not.toContain('GatehouseUser');
  });

  it('makes the index before the first account where it could not know that there would be one', async () => {
    const app = await start(connection(), MongooseStorageModule.forRoot());
    const users = app.get(UserStore);
    const alice = { username: 'Alice', canonicalUsername: 'alice', createdAt: 1 };
    const made = await Promise.allSettled(
      Array.from({ length: 10 }, async (_, n) => users.insert({ ...alice, id: `a${n}` })),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('refuses to start without the index of usernames where it may not make one, and says the command', async () => {
    await start(connection(), MongooseStorageModule.forRoot());
    const again = start(
      connection({ autoIndex: false }),
      MongooseStorageModule.forRoot(),
      SessionModule.forRoot(),
      AuthModule.forRoot(),
    );
    const refusal = await again.catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StorageIndexError);
    expect((refusal as Error).message).toContain(
      'db.getCollection("gatehouse_users").createIndex({"canonicalUsername":1}, {"name":"by_canonical_username","unique":true})',
    );
  });

  it('refuses an index of usernames that lets two be the same, and one that cannot be made for two that are', async () => {
    const app = await start(connection(), MongooseStorageModule.forRoot());
    const users = observer.db!.collection<{ _id: string }>('gatehouse_users');
    await users.createIndex({ canonicalUsername: 1 }, { name: 'mine' });
    const store = app.get(UserStore);
    await expect((async () => store.findById('a1'))()).rejects.toThrow('dropIndex("mine")');
    await users.dropIndex('mine');
    await users.insertMany(['a', 'b'].map((_id) => ({ _id, canonicalUsername: 'alice' })));
    await expect((async () => store.findById('a1'))()).rejects.toThrow('createIndex({"canonicalUsername":1}');
    await users.deleteOne({ _id: 'b' });
    expect(await store.findById('x')).toBeNull();
  });

  for (const platform of PLATFORMS) {
    it(`leaves users to a plain Mongoose model of the application, on ${platform}`, async () => {
      const running = await startApp(platform, {
        imports: [
          connection(),
          MongooseStorageModule.forRoot(),
          SessionModule.forRoot(),
          AuthModule.forRoot({ bcryptCost: 4, imports: [MembersModule] }),
        ],
      });
      opened.push(() => running.close());
      const members = running.app.get<Model<Member>>(getModelToken(Member.name), { strict: false });
      await members.init();
      await running.app
        .get(UserService)
        .create({ username: 'Ann@club.example', password: PASSWORD, roles: ['member'] });

      const client = new BrowserClient(running.url);
      const credentials = { username: 'ann@CLUB.example', password: PASSWORD };
      expect((await client.post('/auth/login', credentials)).status).toBe(200);
      expect((await client.get('/auth/me')).json()).toMatchObject({
        user: { username: 'Ann@club.example', roles: ['member'] },
      });
      await members.updateOne({ email: 'ann@club.example' }, { isBanned: true });
      expect((await client.get('/auth/me')).status).toBe(401);
      expect((await new BrowserClient(running.url).post('/auth/login', credentials)).status).toBe(401);
      expect(await collections()).toEqual(expect.arrayContaining(['club_members', 'gatehouse_audit_log']));
      expect(await collections()).not.toContain('gatehouse_users');
    });
  }
});
