import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { SessionStore } from 'nest-gatehouse/session/storage';
import { SqliteDatabase, SqliteSessionStore, SqliteStorageModule } from 'nest-gatehouse/sqlite';
import { fillFile } from '../support/child-process.js';
import { newSession } from '../../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

describe('SqliteDatabase', () => {
  let directory: TemporaryDirectory;
  let file: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'sessions.db');
  });

  afterEach(() => directory.remove());

  it('writes what is queued before it closes, and refuses what comes after', async () => {
    const database = await SqliteDatabase.open({ file });
    const store = new SqliteSessionStore(database);
    const sessions = Array.from({ length: 600 }, () => newSession());
    const written = Promise.all(sessions.map((session) => store.insert(session)));
    await Promise.all([database.close(), database.close()]);
    await written;
    await expect(store.insert(newSession())).rejects.toMatchObject({ failure: 'closed' });
    await expect((async () => store.read(sessions[0]!.handle))()).rejects.toThrow(/shutting down/);
    await expect(database.ping()).rejects.toBeInstanceOf(StoreUnavailableError);

    const again = await SqliteDatabase.open({ file });
    for (const { handle } of sessions) expect(await new SqliteSessionStore(again).read(handle)).not.toBeNull();
    await again.close();
  });

  it('undoes what an operation did before it threw, and nothing of the others in its batch', async () => {
    const database = await SqliteDatabase.open({ file });
    const insert = (key: string) =>
      database.statement('INSERT INTO locks (key, owner, fence, expires_at) VALUES (?, ?, 1, 1)').run(key, 'o');
    const results = await Promise.allSettled([
      database.write(() => insert('a').changes),
      database.write(() => {
        insert('b');
        throw new RangeError('mine');
      }),
      database.write(() => insert('c').changes),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((results[1] as PromiseRejectedResult).reason).toBeInstanceOf(RangeError);
    const keys = database.statement('SELECT key FROM locks ORDER BY key').all();
    expect(Array.from(keys, (row) => (row as { key: string }).key)).toEqual(['a', 'c']);
    await database.close();
  });

  it('says that the file is damaged when a bad page is met later, and never shows another session', async () => {
    const pad = 'x'.repeat(300);
    const sessions = Array.from({ length: 3_000 }, (_, n) =>
      newSession({ userId: `user${n}`, data: `{"n":${n},"pad":"${pad}"}` }),
    );
    await fillFile(file, sessions);

    const database = await SqliteDatabase.open({ file });
    await expect(database.ping()).resolves.toBeUndefined();
    spoil(file);
    const damaged = new SqliteSessionStore(database);
    let failures = 0;
    for (const session of sessions) {
      const read = await (async () => damaged.read(session.handle))().catch((error: unknown) => error);
      if (read instanceof StoreUnavailableError) {
        failures++;
        expect(read.failure).toBe('corrupt');
        expect(read.message).not.toMatch(/SELECT|sessions |user\d/);
      } else if (read !== null) {
        expect(read).toEqual(session);
      }
    }
    expect(failures).toBeGreaterThan(0);
    await expect(database.ping()).rejects.toMatchObject({ failure: 'corrupt' });
    await database.close().catch(() => undefined);
  });

  it('is not ready once the file has been moved away', async () => {
    const database = await SqliteDatabase.open({ file });
    renameSync(file, `${file}.old`);
    await expect(database.ping()).rejects.toMatchObject({ failure: 'io' });
    await database.close();
  });

  it('opens and closes with the application', async () => {
    @Module({ imports: [SqliteStorageModule.forRootAsync({ useFactory: async () => ({ file }) })] })
    class AppModule {}

    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    const store = app.get(SessionStore);
    expect(store).toBeInstanceOf(SqliteSessionStore);
    const writing = store.insert(newSession());
    await app.close();
    await writing;
    await expect(app.get(SqliteDatabase).ping()).rejects.toThrow(/shutting down/);
  });
});

/** Flips bits all over the second half of the file, in place: the open database has not read it yet. */
function spoil(file: string): void {
  const content = readFileSync(file);
  for (let at = Math.floor(statSync(file).size / 2); at < content.length; at += 777) content[at]! ^= 0x10;
  writeFileSync(file, content, { flag: 'r+' });
}
