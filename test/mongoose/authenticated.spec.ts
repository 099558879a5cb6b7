import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { BrowserClient } from '../support/browser/browser-client.js';
import { Mongod } from '../support/mongod/mongod.js';
import { gatehouse } from '../support/servers/command-line.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

const PASSWORD = 'p@ss:w/rd?#%&"\\ ü';

describe('A MongoDB server that asks for a password', () => {
  let mongod: Mongod;
  let directory: string;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    mongod = await Mongod.start({ parameters: ['--auth'] });
    // The first account may be made by whoever comes from the same machine.
    const first = await new mongo.MongoClient(mongod.uri).connect();
    await first.db('admin').command({ createUser: 'root', pwd: 'root', roles: ['root'] });
    await first.close();
    const root = await new mongo.MongoClient(mongod.uri, { auth: { username: 'root', password: 'root' } }).connect();
    await root.db('sessman').command({ createUser: 'ps_sessman', pwd: PASSWORD, roles: ['readWrite'] });
    await root.close();
  });

  afterAll(async () => {
    await cleanUp();
    await mongod.stop();
  });

  async function configured(changes: object = {}): Promise<Record<string, string>> {
    const path = join(directory, `${Object.keys(changes).join() || 'sessman'}.json`);
    const content = {
      username: 'ps_sessman',
      password: PASSWORD,
      server_url: new URL(mongod.uri).host,
      database: 'sessman',
      session_ttl: 3_600,
      ...changes,
    };
    await writeFile(path, JSON.stringify(content).replace('{', '{ // As in the original.\n').replace(/\}$/, ',}'));
    return { GATEHOUSE_CONFIG: path };
  }

  it('keeps the sessions of programs, with a password of any characters', async () => {
    const env = await configured();
    const server = await ReferenceServer.start({ directory, env });
    const scope = ['--scope', 'sessions:write', '--scope', 'sessions:read'];
    const made = await gatehouse(['apikey:create', '--namespace', 'shop', ...scope, '--json'], { directory, env });
    const authorization = `Bearer ${made.json<{ key: string }>().key}`;
    const program = new BrowserClient(server.url, { authorization });
    const session = (await program.post('/sessman/new?userid=ann', { data: { n: 1 } })).json<{
      session_id: string;
      expires_at: string;
    }>();
    const left = Date.parse(session.expires_at) - Date.now();
    expect([left > 3_500_000, left <= 3_600_000]).toEqual([true, true]);

    const reader = await new mongo.MongoClient(mongod.uri, {
      auth: { username: 'ps_sessman', password: PASSWORD },
      authSource: 'sessman',
    }).connect();
    const names = (await reader.db('sessman').collections()).map(({ collectionName }) => collectionName);
    const found = await Promise.all(
      names.map((name) =>
        reader.db('sessman').collection<{ _id: string }>(name).countDocuments({ _id: session.session_id }),
      ),
    );
    await reader.close();
    expect(found.filter(Boolean)).toEqual([1]);
    expect(server.stdout + server.stderr).not.toContain('p@ss');
  });

  it('stops the start with a wrong password, which is named and not shown', async () => {
    const server = await ReferenceServer.launch({ directory, env: await configured({ password: 'hunter2' }) });
    expect((await server.exit).code).not.toBe(0);
    const output = server.stdout + server.stderr;
    expect(output).toMatch(/GATEHOUSE_CONFIG: the server refuses this user and password/);
    expect(output).not.toContain('hunter2');
  });
});
