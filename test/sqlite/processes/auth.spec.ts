import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SqliteDatabase, SqliteLoginAttempts, SqliteUserStore } from 'nest-gatehouse/sqlite';
import { startChild, type Child, type ChildMode, type ChildResult } from '../support/child-process.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

describe('Several processes that sign in on one SQLite file', () => {
  let directory: TemporaryDirectory;
  let file: string;
  let database: SqliteDatabase;
  const children: Child[] = [];

  beforeEach(async () => {
    directory = temporaryDirectory();
    file = join(directory.path, 'auth.db');
    database = await SqliteDatabase.open({ file });
  });

  afterEach(async () => {
    children.splice(0).forEach((child) => child.kill());
    await database.close();
    directory.remove();
  });

  /** Two at once. */
  async function race(mode: ChildMode, argument = ''): Promise<ChildResult[]> {
    const pair = [startChild(mode, file, argument), startChild(mode, file, argument)];
    children.push(...pair);
    await Promise.all(pair.map((child) => child.told(1)));
    pair.forEach((child) => child.goOn());
    const results = await Promise.all(pair.map(({ ended }) => ended));
    expect(results.map(({ errors }) => errors)).toEqual(['', '']);
    return results;
  }

  it('never pass the limit together with 100 guesses each', async () => {
    const told = (await race('guess')).flatMap(({ lines }) => lines);
    expect(told.filter((line) => line === 'allowed')).toHaveLength(5);
    expect((await new SqliteLoginAttempts(database).read('user:alice')).failures).toBe(5);
  });

  it('raise an epoch one by one', async () => {
    const users = new SqliteUserStore(database);
    await users.insert({ id: 'alice', username: 'Alice', canonicalUsername: 'alice', createdAt: 1 });
    const told = (await race('raise', 'alice')).flatMap(({ lines }) => lines.slice(1).map(Number));
    expect(told.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    expect((await users.findById('alice'))?.epoch).toBe(100);
  });
});
