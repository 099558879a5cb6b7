import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { SqliteDatabase, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { fillFile } from '../support/child-process.js';
import { newSession } from '../../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

const SCRIPT = fileURLToPath(new URL('../support/version-5.mjs', import.meta.url));

describe('A SQLite file of the release before sessions had names', () => {
  const visit = newSession({ userId: 'u1', ip: '192.0.2.1', userAgent: 'Agent/1' });
  const model = temporaryDirectory();
  let directory: TemporaryDirectory;
  let database: SqliteDatabase;
  let store: SqliteSessionStore;

  /** A file as that release leaves it, with these sessions. */
  async function oldFile(name: string, sessions: readonly SessionRecord[], place = directory): Promise<string> {
    const [present, old] = [`${name}-present.db`, `${name}.db`].map((file) => join(place.path, file));
    await fillFile(present!, sessions);
    execFileSync(process.execPath, [SCRIPT, present!, old!], { env: { ...process.env, NODE_OPTIONS: '' } });
    return old!;
  }

  // It takes two processes to make one.
  beforeAll(() => oldFile('old', [visit], model));

  afterAll(() => model.remove());

  beforeEach(async () => {
    directory = temporaryDirectory();
    const file = join(directory.path, 'old.db');
    copyFileSync(join(model.path, 'old.db'), file);
    database = await SqliteDatabase.open({ file });
    store = new SqliteSessionStore(database);
  });

  afterEach(async () => {
    await database.close();
    directory.remove();
  });

  it('keeps its sessions, which take names and days from then on', async () => {
    expect(await store.read(visit.handle)).toEqual(visit);
    await store.update(visit.handle, { fields: { username: 'ann', countedDay: 20_000 } });
    expect(await store.read(visit.handle)).toEqual({ ...visit, username: 'ann', countedDay: 20_000 });
  });

  it('can be written by a process that still runs that release, without loss', async () => {
    await store.update(visit.handle, { fields: { username: 'ann', countedDay: 20_000 } });
    const lastSeenAt = visit.lastSeenAt + 1_000;
    const touched = { ...visit, lastSeenAt, idleExpiresAt: lastSeenAt + visit.idleTimeout };
    const another = newSession({ userId: 'u2' });
    database.statement(`ATTACH '${await oldFile('later', [touched, another])}' AS later`).run();
    // That release writes the columns it knows, and their checksum.
    const columns = database.statement("SELECT name FROM pragma_table_info('sessions', 'later')", true).all();
    const names = columns.flatMap((row) => row as string[]).filter((name) => name !== 'id');
    database
      .statement(
        `INSERT INTO sessions (${names.join()}) SELECT ${names.join()} FROM later.sessions WHERE true
          ON CONFLICT (handle) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join()}`,
      )
      .run();
    expect(await store.read(visit.handle)).toEqual({ ...touched, username: 'ann', countedDay: 20_000 });
    expect(await store.read(another.handle)).toEqual(another);
  });

  it.each([
    "username = 'eve'",
    'username = NULL',
    'counted_day = 20001',
    'added_seal = NULL',
    'username = NULL, counted_day = 0',
    "username = 'eve', added_seal = NULL",
  ])('shows damage: %s', async (damage) => {
    await store.update(visit.handle, { fields: { username: 'ann', countedDay: 20_000 } });
    database.statement(`UPDATE sessions SET ${damage}`).run();
    await expect((async () => store.read(visit.handle))()).rejects.toMatchObject({ failure: 'corrupt' });
  });
});
