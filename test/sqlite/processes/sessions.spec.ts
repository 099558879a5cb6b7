import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { SqliteDatabase, SqliteSessionLocks, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { startChild, type Child } from '../support/child-process.js';
import { newSession } from '../../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

const KILLS = Number(process.env['KILL_ROUNDS'] ?? 2);

describe('Several processes on one SQLite file', () => {
  let directory: TemporaryDirectory;
  let file: string;
  const databases: SqliteDatabase[] = [];
  const children: Child[] = [];

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'sessions.db');
  });

  afterEach(async () => {
    children.splice(0).forEach((child) => child.kill());
    await Promise.all(databases.splice(0).map((database) => database.close()));
    directory.remove();
  });

  async function openHere(writeDeadline = 20_000): Promise<SqliteDatabase> {
    const database = await SqliteDatabase.open({ file, writeDeadline });
    databases.push(database);
    return database;
  }

  function start(...parameters: Parameters<typeof startChild>): Child {
    const child = startChild(...parameters);
    children.push(child);
    return child;
  }

  it('may start at once on a file that is not there yet', async () => {
    file = join(directory.path, 'deep', 'er', 'sessions.db');
    const results = await Promise.all(Array.from({ length: 4 }, () => start('open', file).ended));
    expect(results.map(({ code, errors }) => ({ code, errors }))).toEqual(Array(4).fill({ code: 0, errors: '' }));
    expect(readdirSync(join(directory.path, 'deep', 'er')).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('count every increment', async () => {
    const store = new SqliteSessionStore(await openHere());
    const session = newSession();
    await store.insert(session);
    const results = await Promise.all([
      start('increment', file, session.handle).ended,
      start('increment', file, session.handle).ended,
    ]);
    expect(results.map(({ errors }) => errors)).toEqual(['', '']);
    expect((await store.read(session.handle))?.data).toBe('{"n":2000}');
  });

  it('exclude each other by locks, with fences that rise', async () => {
    await openHere();
    const children = [start('lock', file), start('lock', file)];
    const results = await Promise.all(children.map(({ ended }) => ended));
    expect(results.map(({ errors }) => errors)).toEqual(['', '']);
    const fences = results.map(({ lines }) => lines.map(Number));
    for (const own of fences) expect(own).toEqual([...own].sort((a, b) => a - b));
    expect(new Set(fences.flat()).size).toBe(50);
  });

  it('sweep each session once', async () => {
    const store = new SqliteSessionStore(await openHere());
    const past = Date.now() - 1;
    const sessions = Array.from({ length: 300 }, () => newSession({ expiresAt: past, idleExpiresAt: past }));
    await Promise.all(sessions.map((session) => store.insert(session)));
    const results = await Promise.all([start('sweep', file).ended, start('sweep', file).ended]);
    const swept = results.flatMap(({ lines }) => lines).sort();
    expect(swept).toEqual(sessions.map(({ handle }) => handle).sort());
  });

  it('lose nothing that was confirmed when one is killed while it writes', async () => {
    const store = new SqliteSessionStore(await openHere());
    const session = newSession();
    await store.insert(session);
    for (let round = 0; round < KILLS; round++) {
      const before = (JSON.parse((await store.read(session.handle))!.data) as { n?: number }).n ?? 0;
      const child = start('write', file, session.handle);
      await child.told(20 + round);
      child.kill();
      const { lines } = await child.ended;
      const { n } = JSON.parse((await store.read(session.handle))!.data) as { n: number };
      expect(n).toBeGreaterThanOrEqual(Number(lines.at(-1)));
      expect(n).toBeGreaterThan(before);
    }
    await Promise.all(databases.splice(0).map((database) => database.close()));
    expect(await new SqliteSessionStore(await openHere()).read(session.handle)).not.toBeNull();
  });

  it('wait for a writer without holding up the event loop, and give up at the deadline', async () => {
    const store = new SqliteSessionStore(await openHere(400));
    const child = start('hold', file);
    await child.told(1);
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    const refused = await store.insert(newSession()).catch((error: unknown) => error);
    clearInterval(ticking);
    expect(refused).toBeInstanceOf(StoreUnavailableError);
    expect((refused as StoreUnavailableError).failure).toBe('busy');
    expect(turns).toBeGreaterThan(10);
    child.goOn();
    expect((await child.ended).errors).toBe('');
    const session = newSession();
    await store.insert(session);
    expect(await store.read(session.handle)).not.toBeNull();
  });

  it('read on while another writes, and write once it is done', async () => {
    const store = new SqliteSessionStore(await openHere());
    const session = newSession();
    await store.insert(session);
    const child = start('hold', file);
    await child.told(1);
    expect(await store.read(session.handle)).not.toBeNull();
    const writing = store.update(session.handle, { fields: { label: 'later' } });
    child.goOn();
    expect(await writing).toMatchObject({ status: 'updated' });
  });

  it('take over the lock of one that was killed, once its lease is over', async () => {
    const database = await openHere();
    const child = start('hold', file);
    await child.told(1);
    child.kill();
    await child.ended;
    const lease = await new SqliteSessionLocks(database).acquire('held', { wait: 20_000, lease: 1_000 });
    expect(lease).toMatchObject({ fence: 2 });
  });
});
