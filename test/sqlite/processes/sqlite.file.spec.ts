import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OptionsError } from 'nest-gatehouse/common';
import { SqliteDatabase, SqliteFileError, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { fillFile, startChild } from '../support/child-process.js';
import { newSession } from '../../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

const APPLICATION_ID = 68;
const USER_VERSION = 60;

/** One page: the header of another database, and a schema table without rows. */
function emptyDatabase(header: Buffer): Buffer {
  const page = Buffer.alloc(4_096);
  header.copy(page, 0, 0, 100);
  page.writeUInt32BE(1, 28);
  page.fill(0, 32, 44);
  page.writeUInt32BE(0, USER_VERSION);
  page.writeUInt32BE(0, APPLICATION_ID);
  page.writeUInt8(13, 100);
  page.writeUInt16BE(4_096, 105);
  return page;
}

describe('The SQLite file', () => {
  let directory: TemporaryDirectory;
  let file: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'sessions.db');
  });

  afterEach(() => directory.remove());

  async function fill(): Promise<void> {
    const data = `{"text":"${'x'.repeat(300)}"}`;
    await fillFile(
      file,
      Array.from({ length: 200 }, () => newSession({ data })),
    );
    expect(readdirSync(directory.path)).toEqual(['sessions.db', 'sessions.db-reserve']);
  }

  function contents(): Record<string, string> {
    const hash = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(directory.path, name)))
        .digest('hex');
    return Object.fromEntries(readdirSync(directory.path).map((name) => [name, hash(name)]));
  }

  async function refusal(): Promise<SqliteFileError> {
    const before = contents();
    const error = await SqliteDatabase.open({ file }).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SqliteFileError);
    expect(contents()).toEqual(before);
    const { message, remedy } = error as SqliteFileError;
    expect(message).toContain('option "file"');
    expect(message).toContain(file);
    expect(message).toContain(remedy);
    return error as SqliteFileError;
  }

  function overwrite(at: number, bytes: Buffer): void {
    const content = readFileSync(file);
    bytes.copy(content, at);
    writeFileSync(file, content);
  }

  it('is made with its directory, for its owner alone', async () => {
    file = join(directory.path, 'deep', 'er', 'sessions.db');
    await (await SqliteDatabase.open({ file })).close();
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(join(directory.path, 'deep')).mode & 0o077).toBe(0);
  });

  it('keeps everything when it is closed and opened again', async () => {
    const session = newSession({ userId: 'ann', amr: ['pwd'], label: 'x' });
    const first = await SqliteDatabase.open({ file });
    const written = new SqliteSessionStore(first).insert(session);
    await first.close();
    await written;
    const second = await SqliteDatabase.open({ file });
    expect(await new SqliteSessionStore(second).read(session.handle)).toEqual(session);
    await second.close();
  });

  for (const size of [0, 50, 512, 4_096, 20_000, 40_960]) {
    it(`stops the start if it was cut to ${size} bytes`, async () => {
      await fill();
      truncateSync(file, size);
      expect((await refusal()).remedy).toMatch(/backup/);
    });
  }

  it('stops the start if its header is garbage', async () => {
    await fill();
    overwrite(0, Buffer.alloc(100, 7));
    expect((await refusal()).fault).toMatch(/damaged|no SQLite database/);
  });

  it('stops the start if it is a text', async () => {
    writeFileSync(file, 'PORT=3000\n'.repeat(1_000));
    expect((await refusal()).fault).toMatch(/damaged|no SQLite database/);
  });

  it('stops the start if a page inside is garbage', async () => {
    await fill();
    overwrite(statSync(file).size - 3 * 4_096, Buffer.alloc(4_096, 0xa5));
    expect((await refusal()).fault).toMatch(/damaged/);
  });

  it("stops the start if it is another program's", async () => {
    await fill();
    overwrite(APPLICATION_ID, Buffer.from([1, 2, 3, 4]));
    expect((await refusal()).fault).toMatch(/another program/);
    overwrite(APPLICATION_ID, Buffer.from([0, 0, 0, 0]));
    expect((await refusal()).fault).toMatch(/another program/);
  });

  it('stops the start if a newer release wrote it', async () => {
    await fill();
    overwrite(USER_VERSION, Buffer.from([0, 0, 0, 99]));
    expect((await refusal()).fault).toMatch(/newer release \(version 99/);
  });

  it('stops the start if it is missing while its log is there', async () => {
    writeFileSync(`${file}-wal`, 'x');
    expect((await refusal()).fault).toMatch(/missing/);
    expect(existsSync(file)).toBe(false);
  });

  it('stops the start if it is damaged and a killed process left its log, which stays too', async () => {
    await fill();
    const session = newSession();
    await fillFile(file, [session]);
    const child = startChild('write', file, session.handle);
    await child.told(5);
    child.kill();
    await child.ended;
    overwrite(0, Buffer.alloc(100, 7));
    const { 'sessions.db-shm': _, ...before } = contents();
    await expect(SqliteDatabase.open({ file })).rejects.toThrow(SqliteFileError);
    // The shared memory holds nothing of value, and notes its readers.
    const { 'sessions.db-shm': shared, ...after } = contents();
    expect(Object.keys(after)).toEqual(['sessions.db', 'sessions.db-reserve', 'sessions.db-wal']);
    expect(after).toEqual(before);
    expect(shared).toBeDefined();
  });

  it('is taken over if it is a database with nothing in it', async () => {
    await fillFile(file, []);
    const content = readFileSync(file);
    writeFileSync(file, emptyDatabase(content));
    const database = await SqliteDatabase.open({ file });
    const session = newSession();
    await new SqliteSessionStore(database).insert(session);
    await database.close();
    await fillFile(file, []);
    expect(
      readFileSync(file)
        .subarray(APPLICATION_ID, APPLICATION_ID + 4)
        .toString(),
    ).toBe('GtHs');
  });

  it('stops the start if it is a directory', async () => {
    mkdirSync(file);
    await expect(SqliteDatabase.open({ file })).rejects.toThrow(/is not a file/);
  });

  it('stops the start if its directory cannot be made', async () => {
    writeFileSync(join(directory.path, 'plain'), '');
    file = join(directory.path, 'plain', 'sessions.db');
    await expect(SqliteDatabase.open({ file })).rejects.toThrow(/cannot be opened for writing/);
  });

  it('stops the start if its directory cannot be written', async () => {
    await fill();
    chmodSync(file, 0o444);
    chmodSync(directory.path, 0o555);
    // The rights of files do not bind the superuser.
    const uid = process.getuid?.() === 0 ? 65_534 : undefined;
    const before = contents();
    const { code, errors } = await startChild('open', file, '', uid).ended;
    chmodSync(directory.path, 0o755);
    expect(code).toBe(1);
    expect(errors).toMatch(/SqliteFileError.*cannot be written by this process/);
    expect(contents()).toEqual(before);
  });

  it('is named by a path, and every option is checked', async () => {
    const open = (options: object) => SqliteDatabase.open(options as { file: string });
    for (const options of [{}, { file: '' }, { file: ':memory:' }, { file: 'data/' }]) {
      await expect(open(options)).rejects.toThrow(OptionsError);
      await expect(open(options)).rejects.toThrow(/SqliteStorageModule[^]*file/);
    }
    await expect(open({ file, synchronous: 'off' })).rejects.toThrow(/synchronous.*'normal' or 'full'/);
    await expect(open({ file, writeDeadline: 'soon' })).rejects.toThrow(/writeDeadline/);
    await expect(open({ file, journal: 'x' })).rejects.toThrow(OptionsError);
    expect(existsSync(file)).toBe(false);
  });
});
