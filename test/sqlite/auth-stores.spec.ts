import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditLog, LoginAttempts, UserStore } from 'nest-gatehouse/auth/storage';
import { Clock } from 'nest-gatehouse/common';
import {
  SqliteAuditLog,
  SqliteDatabase,
  SqliteLoginAttempts,
  SqliteStorageModule,
  SqliteUserStore,
} from 'nest-gatehouse/sqlite';
import { FakeClock, HOUR } from '../support/apps/fake-clock.js';
import { planOf } from './support/query-plans.js';
import { temporaryDirectory, type TemporaryDirectory } from './support/temporary-directory.js';
import { anEntry, AUDIT_FILTERS } from '../support/records/audit-entries.js';

const ALICE = { id: 'a1', username: 'Alice', canonicalUsername: 'alice', createdAt: 1 };
const POLICY = { freeFailures: 3, hardLimit: 100, maxDelay: HOUR, lockout: HOUR };

const SYNCHRONOUS = { normal: 1, full: 2 };

describe('Sign-in on SQLite', () => {
  let directory: TemporaryDirectory;
  let file: string;
  let database: SqliteDatabase;

  beforeEach(async () => {
    directory = temporaryDirectory();
    file = join(directory.path, 'auth.db');
    database = await SqliteDatabase.open({ file });
  });

  afterEach(async () => {
    await database.close();
    directory.remove();
  });

  const one = (sql: string) => Object.values(database.statement(sql).get() as object)[0] as unknown;

  it('keeps what changes an account through a power cut, and failed guesses through the end of the process', async () => {
    const users = new SqliteUserStore(database);
    const attempts = new SqliteLoginAttempts(database);
    await attempts.countFailure('key', POLICY);
    expect(one('PRAGMA synchronous')).toBe(SYNCHRONOUS.normal);
    await users.insert(ALICE);
    expect(one('PRAGMA synchronous')).toBe(SYNCHRONOUS.full);
    await attempts.countFailure('key', POLICY);
    await users.update('a1', { raiseEpoch: true });
    expect(one('PRAGMA synchronous')).toBe(SYNCHRONOUS.full);
  });

  it.each([
    ['a role', `UPDATE users SET roles = '["admin"]'`],
    ['a password', `UPDATE users SET password_hash = 'other'`],
    ['an id', `UPDATE users SET id = 'a2'`],
    ['a disabled account', 'UPDATE users SET disabled = 0'],
    ['an epoch', 'UPDATE users SET epoch = epoch - 1'],
    ['what cannot be read', `UPDATE users SET roles = '[' `],
  ])('fails, and signs nobody in, where a bit of the file has flipped: %s', async (_, damage) => {
    const users = new SqliteUserStore(database);
    await users.insert({ ...ALICE, roles: ['staff'], passwordHash: 'hash', disabled: true, epoch: 3 });
    await database.write(() => database.statement(damage).run());
    const asked = [
      async () => users.findByCanonicalUsername('alice'),
      async () => users.list({ limit: 10 }),
      async () => users.findById(one('SELECT id FROM users') as string),
      () => users.update(one('SELECT id FROM users') as string, { disabled: false }),
    ];
    for (const ask of asked) await expect(ask()).rejects.toMatchObject({ failure: 'corrupt' });
    await expect(database.ping()).rejects.toMatchObject({ failure: 'corrupt' });
  });

  it('finds an account by its whole name alone', async () => {
    const users = new SqliteUserStore(database);
    const names = ['admin', 'admin\0x', 'admin\u0001', 'admin\ufffd'];
    for (const name of names) await users.insert({ id: name, username: name, canonicalUsername: name, createdAt: 1 });
    for (const name of names) expect(await users.findByCanonicalUsername(name)).toMatchObject({ id: name });
    for (const half of ['admin\ud800', 'admin\udfff']) {
      expect(await users.findByCanonicalUsername(half)).toBeNull();
      expect(await users.findById(half)).toBeNull();
      expect(await users.update(half, { disabled: true })).toBeNull();
    }
  });

  it('writes what it was given, whatever becomes of that before the write', async () => {
    const users = new SqliteUserStore(database);
    await users.insert(ALICE);
    const roles = ['staff'];
    const changes = { roles, disabled: false };
    const updated = users.update('a1', changes);
    roles.push('admin');
    changes.disabled = true;
    expect(await updated).toMatchObject({ roles: ['staff'], disabled: false });
  });

  it('forgets counters that are over as others are counted', async () => {
    const clock = new FakeClock();
    const attempts = new SqliteLoginAttempts(database, clock);
    for (let n = 0; n < 40; n++) await attempts.countFailure(`old${n}`, POLICY);
    clock.advance(HOUR);
    for (let n = 0; n < 5; n++) await attempts.countFailure(`new${n}`, POLICY);
    expect(one('SELECT count(*) FROM login_attempts')).toBe(5);
  });

  it('keeps an entry of the audit trail as it was written', async () => {
    const audit = new SqliteAuditLog(database);
    await audit.append(anEntry(1));
    await expect(audit.append(anEntry(1, { type: 'logout' }))).rejects.toThrow(/UNIQUE/);
    expect((await audit.find({}, { limit: 10 })).items).toEqual([anEntry(1)]);
  });

  it('reads a page of the audit trail along an index, whatever it is filtered by', async () => {
    const audit = new SqliteAuditLog(database);
    const entries = Array.from({ length: 40 }, (_, n) =>
      anEntry(n, { userId: n % 2 ? 'ann' : null, type: n % 5 ? 'login.ok' : 'logout' }),
    );
    await Promise.all(entries.map((each) => audit.append(each)));
    const prepare = jest.spyOn(database, 'statement');
    for (const filter of AUDIT_FILTERS) {
      const { next } = await audit.find(filter, { limit: 2 });
      if (next !== null) await audit.find(filter, { limit: 2, cursor: next });
    }
    const pages = new Set(prepare.mock.calls.map(([sql]) => sql).filter((sql) => sql.includes('ORDER BY id DESC')));
    expect(pages.size).toBeGreaterThan(AUDIT_FILTERS.length);
    const steps = [...pages].flatMap((sql) => planOf(database, sql));
    // Of all entries, the table itself is the index: it is in the order of their ids.
    const along = /^(SCAN|SEARCH) audit_log( USING (INDEX audit_log_by_(user|type|user_and_type)|PRIMARY KEY) .*)?$/;
    expect(steps.filter((step) => !along.test(step))).toEqual([]);
  });

  it('is there for AuthModule wherever the storage module is imported', async () => {
    const clock = new FakeClock();

    @Global()
    @Module({ providers: [{ provide: Clock, useValue: clock }], exports: [Clock] })
    class TimeModule {}

    @Module({ imports: [TimeModule, SqliteStorageModule.forRoot({ file })] })
    class AppModule {}

    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    expect(app.get(UserStore)).toBeInstanceOf(SqliteUserStore);
    expect(app.get(AuditLog)).toBeInstanceOf(SqliteAuditLog);
    const attempts = app.get(LoginAttempts);
    await attempts.countInWindow('key', { limit: 1, window: HOUR });
    expect(await attempts.read('key')).toEqual({ failures: 1, blockedUntil: clock.now() + HOUR });
    await app.close();
  });
});
