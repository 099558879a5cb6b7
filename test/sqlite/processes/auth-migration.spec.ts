import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { SqliteDatabase, SqliteFileError, SqliteSessionStore, SqliteUserStore } from 'nest-gatehouse/sqlite';
import { fillFile, startChild } from '../support/child-process.js';
import { newSession } from '../../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

const SCRIPT = fileURLToPath(new URL('../support/version-1.mjs', import.meta.url));
const SCRIPT_2 = fileURLToPath(new URL('../support/version-2.mjs', import.meta.url));
const USER_VERSION = 60;

describe('A SQLite file of the first release', () => {
  let directory: TemporaryDirectory;
  let file: string;
  let sessions: SessionRecord[];

  beforeEach(async () => {
    directory = temporaryDirectory();
    file = join(directory.path, 'old.db');
    sessions = Array.from({ length: 50 }, () => newSession({ userId: 'ann', data: '{"cart":["tea"]}' }));
    const present = join(directory.path, 'present.db');
    await fillFile(present, sessions);
    execFileSync(process.execPath, [SCRIPT, present, file], { env: { ...process.env, NODE_OPTIONS: '' } });
    expect(versionOf(file)).toBe(1);
  });

  afterEach(() => directory.remove());

  it('is brought up to date, with its sessions, and takes accounts from then on', async () => {
    const database = await SqliteDatabase.open({ file });
    const store = new SqliteSessionStore(database);
    for (const session of sessions) expect(await store.read(session.handle)).toEqual(session);
    const users = new SqliteUserStore(database);
    await users.insert({ id: 'ann', username: 'Ann', canonicalUsername: 'ann', createdAt: 1 });
    await database.close();

    const again = await SqliteDatabase.open({ file });
    expect(await new SqliteUserStore(again).findByCanonicalUsername('ann')).toMatchObject({ id: 'ann' });
    expect(await new SqliteSessionStore(again).read(sessions[0]!.handle)).toEqual(sessions[0]);
    await again.close();
  });

  it('is brought up to date once by processes that start together', async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => startChild('open', file).ended));
    expect(results.map(({ code, errors }) => ({ code, errors }))).toEqual(Array(4).fill({ code: 0, errors: '' }));
    const database = await SqliteDatabase.open({ file });
    expect(await new SqliteSessionStore(database).read(sessions[0]!.handle)).toEqual(sessions[0]);
    await database.close();
  });

  it('is refused if a table of accounts is in the way, and left as it was', async () => {
    await (await SqliteDatabase.open({ file })).close();
    setVersion(file, 1);
    const before = readFileSync(file);
    await expect(SqliteDatabase.open({ file })).rejects.toThrow(SqliteFileError);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('A SQLite file of the release with the first accounts', () => {
  it('is brought up to date, with its accounts, which have no one-time password', async () => {
    const directory = temporaryDirectory();
    const [present, file] = ['present.db', 'old.db'].map((name) => join(directory.path, name)) as [string, string];
    const ann = {
      id: 'ann',
      username: 'Ann',
      canonicalUsername: 'ann',
      createdAt: 1,
      passwordHash: 'h1',
      roles: ['a'],
    };
    const made = await SqliteDatabase.open({ file: present });
    const stored = await new SqliteUserStore(made).insert(ann);
    await made.close();
    execFileSync(process.execPath, [SCRIPT_2, present, file], { env: { ...process.env, NODE_OPTIONS: '' } });
    expect(versionOf(file)).toBe(2);

    const database = await SqliteDatabase.open({ file });
    const users = new SqliteUserStore(database);
    expect(await users.findById('ann')).toEqual({ ...stored, oneTimeExpiresAt: null, oneTimeUsedAt: null });
    await users.update('ann', { oneTimeExpiresAt: 5, oneTimeUsedAt: 4 });
    expect(await users.findById('ann')).toMatchObject({ oneTimeExpiresAt: 5, oneTimeUsedAt: 4 });
    for (const damage of ['one_time_used_at = NULL', 'one_time_expires_at = 6', 'one_time_expires_at = NULL']) {
      await users.update('ann', { oneTimeExpiresAt: 5, oneTimeUsedAt: 4 });
      await database.write(() => database.statement(`UPDATE users SET ${damage}`).run());
      await expect((async () => users.findById('ann'))()).rejects.toMatchObject({ failure: 'corrupt' });
      await database.write(() =>
        database.statement('UPDATE users SET one_time_used_at = 4, one_time_expires_at = 5').run(),
      );
    }
    await database.close();
    directory.remove();
  });
});

describe('A SQLite file of a later release', () => {
  it('is refused, and left as it was', async () => {
    const directory = temporaryDirectory();
    const file = join(directory.path, 'later.db');
    await fillFile(file, [newSession()]);
    const later = versionOf(file) + 1;
    setVersion(file, later);
    const before = readFileSync(file);
    await expect(SqliteDatabase.open({ file })).rejects.toThrow(`newer release (version ${later}`);
    expect(readFileSync(file).equals(before)).toBe(true);
    directory.remove();
  });
});

function versionOf(file: string): number {
  return readFileSync(file).readUInt32BE(USER_VERSION);
}

function setVersion(file: string, version: number): void {
  const content = readFileSync(file);
  content.writeUInt32BE(version, USER_VERSION);
  writeFileSync(file, content);
}
