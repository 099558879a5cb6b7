import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { MemorySessionIndex, MemorySessions, MemorySessionStore } from 'nest-gatehouse/session';
import { copySessions, StrangerSessionsError } from '../../src/cli/copy-sessions.js';
import { aRecord } from '../support/records/sessions.js';
import { BrowserClient } from '../support/browser/browser-client.js';
import { gatehouse } from '../support/servers/command-line.js';
import { FakeClock, HOUR } from '../support/apps/fake-clock.js';
import { describeWithMongod, mongodOfRun } from '../support/mongod/mongod-run.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

function openMemory(clock: FakeClock) {
  const sessions = new MemorySessions({}, clock);
  return { store: new MemorySessionStore(sessions), index: new MemorySessionIndex(sessions) };
}

describe('A copy of all sessions', () => {
  it('keeps everything but fences, leaves out what is over, and may be done again', async () => {
    const clock = new FakeClock();
    const [from, to] = [openMemory(clock), openMemory(clock)];
    await from.index.raiseUserEpoch('ann', 3);
    const records = Array.from({ length: 250 }, (_, n) => {
      clock.advance(1);
      const signedIn = n % 2 ? { userId: 'ann', userEpoch: 3, amr: ['pwd'], authTime: clock.now() } : {};
      return aRecord(clock, { data: `{"n":${n}}`, version: n + 1, fence: n, formerSecretHash: 'former', ...signedIn });
    });
    for (const record of records) await from.store.insert(record);
    const over = aRecord(clock, { idleExpiresAt: clock.now() - HOUR, expiresAt: clock.now() - HOUR });
    await from.store.insert(over);

    expect(await copySessions(from, to)).toEqual({ copied: 250, present: 0, replaced: 0, over: 0 });
    for (const record of records) expect(await to.store.read(record.handle)).toEqual({ ...record, fence: 0 });
    expect(await to.index.userEpoch('ann')).toBe(3);
    expect(await copySessions(from, to)).toEqual({ copied: 0, present: 250, replaced: 0, over: 0 });

    await from.store.update(records[0]!.handle, { data: { set: new Map([['n', '"new"']]) } });
    expect(await copySessions(from, to)).toEqual({ copied: 0, present: 249, replaced: 1, over: 0 });
    expect((await to.store.read(records[0]!.handle))?.data).toBe('{"n":"new"}');
  });

  it('is refused where the target would keep alive what the source has ended', async () => {
    const clock = new FakeClock();
    const [from, to] = [openMemory(clock), openMemory(clock)];
    const [ended, kept] = [aRecord(clock), aRecord(clock)];
    await from.store.insert(ended);
    await copySessions(from, to);
    await from.store.delete(ended.handle);
    await from.store.insert(kept);
    await expect(copySessions(from, to)).rejects.toThrow(StrangerSessionsError);
    expect(await to.store.read(kept.handle)).toBeNull();
  });
});

describeWithMongod('gatehouse session:copy', () => {
  const name = `gatehouse_copy_${randomBytes(6).toString('hex')}`;
  let uri: string;

  const copy = (directory: string, ...args: string[]) => gatehouse(['session:copy', ...args], { directory });

  beforeAll(async () => {
    const address = new URL((await mongodOfRun())!.uri);
    address.pathname = `/${name}`;
    uri = address.href;
  });

  afterAll(async () => {
    await cleanUp();
    const connection = await mongoose.createConnection(uri).asPromise();
    await connection.dropDatabase();
    await connection.close();
  });

  it('moves sessions from SQLite to MongoDB and back, and their tokens go on working', async () => {
    const directory = await temporaryDirectory();
    const onSqlite = (file: string) => ({ inHost: true, directory, env: { STORAGE: 'sqlite', SQLITE_FILE: file } });
    const first = await ReferenceServer.start(onSqlite('data/first.db'));
    const clients = Array.from({ length: 3 }, () => new BrowserClient(first.url));
    for (const [n, client] of clients.entries()) await client.post('/api/code', { code: `code ${n}` });
    await clients[2]!.post('/api/session/end');
    const cookie = (n: number) => ({ cookie: `sid=${clients[n]!.cookies.get('sid')}` });
    const before = (await clients[0]!.get('/api/session')).json();
    await first.discard();

    const there = await copy(directory, '--from', 'sqlite:data/first.db', '--to', uri, '--json');
    expect(there).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(there.stdout)).toEqual({ copied: 2, present: 0, replaced: 0, over: 0 });

    const second = await ReferenceServer.start({ inHost: true, env: { STORAGE: 'mongoose', MONGODB_URI: uri } });
    const moved = [0, 1].map((n) => new BrowserClient(second.url, cookie(n)));
    expect((await moved[0]!.get('/api/code')).json()).toEqual({ result: 'code 0' });
    const { handle, createdAt, absoluteExpiresAt } = before;
    expect((await moved[0]!.get('/api/session')).json()).toMatchObject({ handle, createdAt, absoluteExpiresAt });
    expect((await moved[0]!.post('/api/code', { code: 'changed' })).status).toBe(200);
    await moved[1]!.post('/api/session/end');
    await second.discard();

    const back = await copy(directory, '--from', uri, '--to', `sqlite:${join('data', 'third.db')}`);
    expect(back).toMatchObject({ status: 0, stderr: '' });
    expect(back.stdout).toMatch(/^Copied 1 sessions\. /);
    const third = await ReferenceServer.start(onSqlite('data/third.db'));
    expect((await new BrowserClient(third.url, cookie(0)).get('/api/code')).json()).toEqual({ result: 'changed' });
    expect((await new BrowserClient(third.url, cookie(1)).get('/api/session')).json()).toEqual({ active: false });
    await third.discard();

    const refused = await copy(directory, '--from', 'sqlite:data/third.db', '--to', 'sqlite:data/first.db');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('The target has 1 live sessions that the source has not.');
  });

  it.each([
    [['--from', 'sqlite:nothing.db', '--to', 'sqlite:new.db'], 1, 'there is no file nothing.db'],
    [['--from', 'mongodb://ann:hunter2@127.0.0.1:1/x', '--to', 'sqlite:new.db'], 1, 'give env:NAME'],
    [['--from', 'env:STORE', '--to', 'sqlite:new.db'], 1, 'no server answers at 127.0.0.1:1 '],
    [['--from', 'env:NO_STORE', '--to', 'sqlite:new.db'], 1, '--from: the environment has no NO_STORE'],
    [['--from', 'redis://here', '--to', 'sqlite:new.db'], 1, '--from: expected sqlite:FILE'],
    [['--from', 'sqlite:nothing.db'], 2, "required option '--to <store>'"],
  ])('refuses %j', async (args, status, message) => {
    const env = { STORE: 'mongodb://ann:hunter2@127.0.0.1:1/x' };
    const refused = await gatehouse(['session:copy', ...args], { directory: await temporaryDirectory(), env });
    expect(refused).toMatchObject({ status, stdout: '' });
    expect(refused.stderr).toContain(message);
    expect(refused.stderr).not.toContain('hunter2');
  });
});
