import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SqliteDatabase, SqliteFileError, SqliteSessionIndex, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { until } from '../../support/latch.js';
import { fillFile } from '../support/child-process.js';
import { newSession } from '../../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

describe('A SQLite file under a running application', () => {
  let directory: TemporaryDirectory;
  let data: string;
  let file: string;
  let database: SqliteDatabase;

  beforeEach(() => {
    directory = temporaryDirectory();
    data = join(directory.path, 'data');
    file = join(data, 'sessions.db');
  });

  afterEach(async () => {
    await database?.close().catch(() => undefined);
    directory.remove();
  });

  const store = () => new SqliteSessionStore(database);
  const isReady = () =>
    database.ping().then(
      () => true,
      () => false,
    );

  /** Whatever was written just before. */
  async function openWith(...sessions: ReturnType<typeof newSession>[]): Promise<void> {
    database = await SqliteDatabase.open({ file });
    for (const session of sessions) await store().insert(session);
    await database.ping();
  }

  /** Overwrites in place, as neither SQLite nor the cache of the application notices. */
  function overwrite(path: string, at: number, bytes: Buffer): void {
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, bytes, 0, bytes.length, at);
    closeSync(descriptor);
  }

  async function confirmsNothing(session: ReturnType<typeof newSession>): Promise<void> {
    const failure = { failure: 'io', message: expect.stringMatching(/deleted, moved or replaced/) };
    await expect(store().insert(newSession())).rejects.toMatchObject(failure);
    await expect(store().update(session.handle, { fields: { label: 'x' } })).rejects.toMatchObject(failure);
    await expect(store().delete(session.handle)).rejects.toMatchObject(failure);
    await expect(new SqliteSessionIndex(database).raiseUserEpoch('ann')).rejects.toMatchObject(failure);
    await expect((async () => store().read(session.handle))()).rejects.toMatchObject(failure);
    await expect(database.ping()).rejects.toMatchObject(failure);
    await expect(database.ping()).rejects.toMatchObject(failure);
  }

  const another = async (path: string) => {
    const draft = join(directory.path, 'draft.db');
    await fillFile(draft, []);
    renameSync(draft, path);
  };

  const LOSSES: readonly [string, () => void | Promise<void>][] = [
    ['is deleted', () => rmSync(file)],
    ['is moved', () => renameSync(file, `${file}.old`)],
    ['is replaced by another database', () => another(file)],
    ['is replaced by a copy of itself', () => (copyFileSync(file, `${file}.copy`), renameSync(`${file}.copy`, file))],
    ['is replaced by a directory', () => (rmSync(file), mkdirSync(file))],
    ['loses its log', () => rmSync(`${file}-wal`)],
    ['gets another log', () => (rmSync(`${file}-wal`), writeFileSync(`${file}-wal`, ''))],
    ['loses its shared memory', () => rmSync(`${file}-shm`)],
    ['loses its directory', () => renameSync(data, `${data}.old`)],
    ['gets another directory', () => (renameSync(data, `${data}.old`), mkdirSync(data))],
    ['is deleted with all that is beside it', () => rmSync(data, { recursive: true })],
  ];

  for (const [what, lose] of LOSSES) {
    it(`confirms nothing once it ${what}`, async () => {
      const session = newSession();
      await openWith(session);
      await lose();
      await confirmsNothing(session);
    });
  }

  it('confirms nothing once it is another, however soon after a change of its directory', async () => {
    const session = newSession();
    await openWith(session);
    writeFileSync(join(data, 'x'), '');
    await store().insert(newSession());
    rmSync(file);
    await confirmsNothing(session);
  });

  it('confirms nothing once the link to it leads elsewhere', async () => {
    const target = join(directory.path, 'target');
    mkdirSync(data);
    mkdirSync(target);
    symlinkSync(join(target, 'real.db'), file);
    await another(join(target, 'real.db'));
    const session = newSession();
    await openWith(session);
    rmSync(file);
    await another(join(target, 'other.db'));
    symlinkSync(join(target, 'other.db'), file);
    await confirmsNothing(session);
  });

  it('goes on once it is back', async () => {
    const session = newSession();
    await openWith(session);
    renameSync(data, `${data}.old`);
    await confirmsNothing(session);
    renameSync(`${data}.old`, data);
    expect(await store().delete(session.handle)).toBe(true);
    await until('it is ready', isReady);
  });

  it('leaves what is at its place alone when it is closed', async () => {
    await openWith(newSession());
    rmSync(file);
    await another(file);
    const log = statSync(`${file}-wal`);
    await database.close();
    expect(statSync(`${file}-wal`).ino).toBe(log.ino);
  });

  const DAMAGES: readonly [string, () => void][] = [
    ['cut to nothing', () => truncateSync(file)],
    ['cut in the middle of its first page', () => truncateSync(file, 2_000)],
    ['cut by its last page', () => truncateSync(file, statSync(file).size - 4_096)],
    ['overwritten at its head', () => overwrite(file, 0, Buffer.alloc(4_096, 7))],
    ['given the mark of another program', () => overwrite(file, 68, Buffer.from('abcd'))],
    ['overwritten in the middle', () => overwrite(file, 5 * 4_096, Buffer.alloc(8 * 4_096, 0xa5))],
    ['overwritten with zeros', () => overwrite(file, 4_096, Buffer.alloc(20 * 4_096))],
    ['overwritten from its second page on', () => overwrite(file, 4_096, Buffer.alloc(statSync(file).size - 4_096, 1))],
  ];

  for (const [what, damage] of DAMAGES) {
    it(`is not ready once it is ${what}, and confirms nothing new`, async () => {
      await fillSome();
      await openWith();
      damage();
      await until('it is not ready', async () => !(await isReady()));
      await expect(database.ping()).rejects.toMatchObject({ failure: 'corrupt' });
      await expect(store().insert(newSession())).rejects.toMatchObject({ failure: 'corrupt' });
      await expect(database.ping()).rejects.toMatchObject({ failure: 'corrupt' });
    });
  }

  async function fillSome(): Promise<void> {
    mkdirSync(data);
    const pad = JSON.stringify('x'.repeat(900));
    await fillFile(
      file,
      Array.from({ length: 300 }, () => newSession({ userId: 'ann', data: pad })),
    );
  }

  it('finds one session that is not as it was written, however large the file, and goes on with the others', async () => {
    mkdirSync(data);
    const sessions = Array.from({ length: 900 }, (_, n) => newSession({ data: `"${String(n).padEnd(3_000, 'x')}"` }));
    await fillFile(file, sessions);
    await openWith();
    const page = 4_096 * 300;
    overwrite(file, page + 2_000, Buffer.from('yy'));
    await until('it is not ready', async () => !(await isReady()));
    await store().insert(newSession());
  });

  describe('that others could read', () => {
    const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

    it('is made private, with what is beside it', async () => {
      mkdirSync(data);
      await fillFile(file, []);
      for (const suffix of ['', '-reserve']) chmodSync(file + suffix, 0o644);
      await openWith(newSession());
      for (const suffix of ['', '-wal', '-shm', '-reserve']) expect(modeOf(file + suffix)).toBe('600');
    });

    it('keeps what its group may do', async () => {
      mkdirSync(data);
      await fillFile(file, []);
      chmodSync(file, 0o660);
      await openWith(newSession());
      for (const suffix of ['', '-wal', '-shm']) expect(modeOf(file + suffix)).toBe('660');
    });
  });

  it('stops the start if it is a link to a file that is not there', async () => {
    mkdirSync(data);
    symlinkSync(join(data, 'nowhere.db'), file);
    const opening = SqliteDatabase.open({ file });
    await expect(opening).rejects.toBeInstanceOf(SqliteFileError);
    await expect(opening).rejects.toThrow(/is a symbolic link to .*nowhere\.db, which is not there/);
  });

  it('stops the start if it is a link to itself', async () => {
    mkdirSync(data);
    symlinkSync(file, file);
    await expect(SqliteDatabase.open({ file })).rejects.toBeInstanceOf(SqliteFileError);
  });
});
