import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EndedSession, SessionRecord } from 'nest-gatehouse/session/storage';
import { until } from '../../support/latch.js';
import {
  describeOnSmallDisk,
  fillUp,
  freeOn,
  makeRoom,
  smallDisk,
  type SmallDisk,
} from '../../support/servers/small-disk.js';
import { newSession } from '../../support/records/sessions.js';
import { StoreProcess } from '../support/store-process.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

const MB = 1024 * 1024;
const LARGE = JSON.stringify({ code: 'x'.repeat(60_000) });

const large = (changes: Partial<SessionRecord> = {}) => newSession({ data: LARGE, ...changes });
const past = () => ({ expiresAt: Date.now() - 1, idleExpiresAt: Date.now() - 1 });

const read = (process: StoreProcess, handle: string) => process.call<SessionRecord | null>('store', 'read', handle);
const sweep = (process: StoreProcess) => process.call<EndedSession[]>('index', 'sweep', 200);

/** Inserts until nothing more is stored. */
async function fill(process: StoreProcess, make = large): Promise<string[]> {
  const stored: string[] = [];
  for (;;) {
    const handles = await process.insertAll(Array.from({ length: 8 }, () => make()));
    stored.push(...handles);
    if (handles.length === 0) return stored;
  }
}

async function sweepAll(process: StoreProcess): Promise<number> {
  let swept = 0;
  for (let batch = await sweep(process); batch.length > 0; batch = await sweep(process)) swept += batch.length;
  return swept;
}

describeOnSmallDisk('SQLite on a disk that is full', () => {
  let disk: SmallDisk;
  let file: string;

  beforeEach(async () => {
    disk = await smallDisk(3 * MB);
    file = join(disk.path, 'gatehouse.db');
  });

  afterEach(async () => {
    await StoreProcess.killAll();
    await disk.remove();
  });

  const open = () => StoreProcess.open(file, disk.through);

  it('refuses what is new, ends sessions for good, and loses nothing that was confirmed', async () => {
    const first = await open();
    const leaving = newSession({ userId: 'ann' });
    const staying = newSession({ userId: 'ben' });
    expect(await first.insertAll([leaving, staying])).toHaveLength(2);
    const stored = await fill(first);
    expect(stored.length).toBeGreaterThan(20);
    expect(await first.failureOf('store', 'insert', large())).toBe('full');
    expect(await first.failureOf('database', 'ping')).toBe('full');

    expect(await first.call('store', 'delete', leaving.handle)).toBe(true);
    expect(await read(await open(), leaving.handle)).toBeNull();
    await StoreProcess.killAll();

    const second = await open();
    expect(await read(second, leaving.handle)).toBeNull();
    expect(await read(second, staying.handle)).toMatchObject({ userId: 'ben' });
    for (const handle of stored) expect(await read(second, handle)).toMatchObject({ data: LARGE });
    await fill(second);
    expect(await second.failureOf('database', 'ping')).toBe('full');
    expect(await second.call('store', 'delete', staying.handle)).toBe(true);
  });

  it('has room again once sessions are over and swept', async () => {
    const process = await open();
    const stored = await fill(process, () => large(past()));
    expect(await process.failureOf('database', 'ping')).toBe('full');
    expect(await sweepAll(process)).toBe(stored.length);
    await until('it is ready', async () => (await process.failureOf('database', 'ping')) === null);
    expect((await fill(process)).length).toBeGreaterThanOrEqual(stored.length - 2);
  });

  it('goes on reading, touching and renewing, and takes no more than it has', async () => {
    const process = await open();
    const session = newSession({ userId: 'ann' });
    await process.call('store', 'insert', session);
    await fill(process);
    const touch = { fields: { lastSeenAt: Date.now() } };
    expect(await process.call('store', 'update', session.handle, touch)).toMatchObject({ status: 'updated' });
    const rotation = { expectedSecretHash: session.secretHash, secretHash: 'x', issuedAt: Date.now(), graceUntil: 0 };
    expect(await process.call('store', 'rotate', session.handle, rotation)).toBe('rotated');
    await fill(process, newSession);
    expect(await process.call('store', 'delete', session.handle)).toBe(true);
  });

  it('can end sessions in every way', async () => {
    const process = await open();
    const users = Array.from({ length: 40 }, (_, n) => `user${n}`);
    await process.insertAll(users.map((userId) => newSession({ userId })));
    const account = {
      id: 'u',
      username: 'ann',
      canonicalUsername: 'ann',
      passwordHash: 'h',
      roles: [],
      knownNetworks: [],
      createdAt: 1,
    };
    await process.call('users', 'insert', account);
    const nobody = {
      actorId: null,
      userId: null,
      username: null,
      handle: null,
      ip: null,
      userAgent: null,
      detail: null,
    };
    await process.call('audit', 'append', { ...nobody, id: '1', at: 1, type: 'logout' });
    const stored = await fill(process);
    fillUp(disk);

    for (const userId of users.slice(0, 30)) expect(await process.call('index', 'raiseUserEpoch', userId)).toBe(1);
    expect(await process.call('index', 'end', { userId: 'user39' }, 100)).toHaveLength(1);
    expect(await process.failureOf('ends', 'add', { id: 'e', userId: 'u', begunAt: 1 })).toBeNull();
    expect(await process.call('users', 'update', 'u', { disabled: true, raiseEpoch: true })).toMatchObject({
      epoch: 1,
    });
    expect(await process.call('index', 'sweepUser', 'user0', 200)).toHaveLength(1);
    expect(await process.failureOf('ends', 'remove', 'e')).toBeNull();
    const policy = { freeFailures: 5, maxDelay: 1_000, hardLimit: 100, lockout: 1_000 };
    expect(await process.call('attempts', 'countFailure', 'user:ann', policy)).toMatchObject({ allowed: true });
    expect(await process.failureOf('attempts', 'clear', ['user:ann'])).toBeNull();
    expect(await process.call('audit', 'expire', 2, 200)).toBe(1);
    expect(await process.call('index', 'end', { userId: null }, 200)).toHaveLength(stored.length);
    expect(await sweepAll(process)).toBe(29);
  });

  for (const [how, stop] of [
    ['a kill', (process: StoreProcess) => process.kill()],
    ['a stop', (process: StoreProcess) => process.stop()],
  ] as const) {
    it(`starts after ${how} though others have taken all that was free, ends sessions, and recovers`, async () => {
      const first = await open();
      const session = newSession();
      await first.call('store', 'insert', session);
      const stored = await fill(first, () => large(past()));
      await stop(first);
      fillUp(disk);
      expect(freeOn(disk)).toBe(0);

      const second = await open();
      expect(await second.failureOf('database', 'ping')).toBe('full');
      expect(await second.call('store', 'delete', session.handle)).toBe(true);
      await second.kill();
      fillUp(disk);

      const third = await open();
      expect(await read(third, session.handle)).toBeNull();
      expect(await sweepAll(third)).toBe(stored.length);
      makeRoom(disk);
      await until('it is ready', async () => (await third.failureOf('database', 'ping')) === null);
      expect((await third.insertAll([large()])).length).toBe(1);
    });
  }

  it.each([1, 7, 31])(
    'takes %i away though others have all the rest while they are in the log alone',
    async (count) => {
      const process = await open();
      const sessions = Array.from({ length: count }, () => newSession({ data: JSON.stringify('y'.repeat(9_000)) }));
      expect(await process.insertAll(sessions)).toHaveLength(count);
      fillUp(disk);
      for (const { handle } of sessions) expect(await process.call('store', 'delete', handle)).toBe(true);
      await process.kill();
      const after = await open();
      for (const { handle } of sessions) expect(await read(after, handle)).toBeNull();
      makeRoom(disk);
      await until('it is ready', async () => (await after.failureOf('database', 'ping')) === null);
    },
  );

  it('lets each of two processes end sessions, and find the room that the other has made', async () => {
    const [one, other] = [await open(), await open()];
    const [mine, yours] = [newSession(), newSession()];
    await one.insertAll([mine, yours]);
    await Promise.all([fill(one, () => large(past())), fill(other, () => large(past()))]);
    fillUp(disk);
    expect(await other.call('store', 'delete', mine.handle)).toBe(true);
    expect(await one.call('store', 'delete', yours.handle)).toBe(true);
    expect(await other.failureOf('store', 'insert', large())).toBe('full');
    await sweepAll(one);
    await until('it is ready', async () => (await other.failureOf('database', 'ping')) === null);
    expect(await other.insertAll([large()])).toHaveLength(1);
  });

  it('goes on ending sessions when another process has closed the file, and with it cut the log', async () => {
    const [one, other] = [await open(), await open()];
    const sessions = Array.from({ length: 100 }, () => newSession());
    await one.insertAll(sessions);
    await fill(one);
    await other.stop();
    fillUp(disk);
    for (const { handle } of sessions) expect(await one.call('store', 'delete', handle)).toBe(true);
  });

  it('does not let the log grow for ever while another process reads an old state', async () => {
    await disk.remove();
    disk = await smallDisk(24 * MB);
    file = join(disk.path, 'gatehouse.db');
    const [writer, reader] = [await open(), await open()];
    const [busy, leaving] = [newSession(), newSession()];
    await writer.insertAll([busy, leaving]);
    await reader.startReading();
    expect(await writer.change(busy.handle, 10_000, 20_000)).toBe('busy');
    const sizeOfLog = () => statSync(join(disk.seen, 'gatehouse.db-wal')).size;
    expect(sizeOfLog()).toBeLessThan(6 * MB);
    expect(await writer.failureOf('database', 'ping')).toBe('busy');
    expect(await writer.call('store', 'delete', leaving.handle)).toBe(true);

    await reader.stopReading();
    await until('it is ready', async () => (await writer.failureOf('database', 'ping')) === null);
    expect(await writer.change(busy.handle, 100, 20_000)).toBeNull();
    expect(sizeOfLog()).toBeLessThanOrEqual(3 * MB);
  });
});

describe('SQLite where no file may be longer than so much', () => {
  let directory: TemporaryDirectory;

  beforeEach(() => {
    directory = temporaryDirectory();
  });

  afterEach(async () => {
    await StoreProcess.killAll();
    directory.remove();
  });

  it('refuses what is new, ends sessions for good, and has room again once others are over', async () => {
    // In units of 512 bytes: 3 MB.
    const through = ['sh', '-c', 'ulimit -f 6000 && exec "$0" "$@"'];
    const open = () => StoreProcess.open(join(directory.path, 'gatehouse.db'), through);
    const first = await open();
    const [leaving, staying] = [newSession(), newSession()];
    await first.insertAll([leaving, staying]);
    const stored = await fill(first, () => large(past()));
    expect(stored.length).toBeGreaterThan(20);
    expect(await first.failureOf('store', 'insert', large())).toBe('full');
    expect(await first.failureOf('database', 'ping')).toBe('full');
    expect(await first.call('store', 'delete', leaving.handle)).toBe(true);
    await first.kill();

    const second = await open();
    expect(await read(second, leaving.handle)).toBeNull();
    expect(await read(second, staying.handle)).not.toBeNull();
    expect(await sweepAll(second)).toBe(stored.length);
    await until('it is ready', async () => (await second.failureOf('database', 'ping')) === null);
    expect(await second.insertAll([large()])).toHaveLength(1);
  });
});
