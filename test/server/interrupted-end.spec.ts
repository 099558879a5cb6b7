import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { SqliteDatabase } from 'nest-gatehouse/sqlite';
import { BrowserClient } from '../support/browser/browser-client.js';
import { gatehouse, gatehouseProcess } from '../support/servers/command-line.js';
import { until } from '../support/latch.js';
import { describeWithMongod, mongodOfRun } from '../support/mongod/mongod-run.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

const PASSWORD = 'correct horse battery staple';
const OTHER_PASSWORD = 'another horse, another staple';
const HOOK = resolve('dist/bundles/killed-end.mjs');
const QUICK_TIMERS = 'test/support/servers/quick-timers.mjs';
/** A busy machine starts two servers and a command line in it; the end itself is finished within ten seconds. */
const PATIENCE = 60_000;

/** An end counts as interrupted after two store deadlines, and its lock is free after one lease. */
const SOON = { STORE_DEADLINE: '1s', SESSION_LOCK_LEASE: '1s' };

/** Where the process is killed, and whether the account has changed by then. */
const STEPS = [
  ['update before', false],
  ['raiseUserEpoch before', true],
  ['raiseUserEpoch after', true],
  ['remove before', true],
] as const;

/** What the database itself holds. */
interface Look {
  readonly sessions: number;
  readonly notes: number;
  readonly epochs: readonly [account: number, store: number];
  /** Handles of which the audit trail tells that they have ended. */
  readonly told: readonly string[];
}

interface Place {
  readonly env: Record<string, string>;
  look(): Promise<Look>;
  close(): Promise<void>;
}

async function sqlitePlace(directory: string): Promise<Place> {
  const file = join(directory, 'gatehouse.db');
  const database = await SqliteDatabase.open({ file });
  const rows = (sql: string) => database.statement(sql, true).all() as unknown as unknown[][];
  return {
    env: { SQLITE_FILE: file },
    look: async () => ({
      sessions: Number(rows('SELECT count(*) FROM sessions WHERE user_id IS NOT NULL')[0]![0]),
      notes: Number(rows('SELECT count(*) FROM pending_ends')[0]![0]),
      epochs: [
        Number(rows('SELECT epoch FROM users')[0]![0]),
        Number(rows('SELECT ifnull(max(epoch), 0) FROM user_epochs')[0]![0]),
      ],
      told: rows("SELECT handle FROM audit_log WHERE type = 'session.ended'").map(([handle]) => String(handle)),
    }),
    close: () => database.close(),
  };
}

async function mongodbPlace(name: string): Promise<Place> {
  const uri = new URL((await mongodOfRun())!.uri);
  uri.pathname = `/${name}`;
  const connection = await mongoose.createConnection(uri.href).asPromise();
  const collection = (of: string) => connection.db!.collection(`gatehouse_${of}`);
  return {
    env: { STORAGE: 'mongoose', MONGODB_URI: uri.href },
    look: async () => ({
      sessions: await collection('sessions').countDocuments({ userId: { $exists: true } }),
      notes: await collection('pending_ends').countDocuments(),
      epochs: [
        Number((await collection('users').findOne())!['epoch']),
        Number((await collection('user_epochs').findOne())?.['epoch'] ?? 0),
      ],
      told: (await collection('audit_log').find({ type: 'session.ended' }).toArray()).map((entry) =>
        String(entry['handle']),
      ),
    }),
    close: async () => {
      await connection.dropDatabase();
      await connection.close();
    },
  };
}

/** Which step it is, no storage knows: on the second one, the earliest with something to finish. */
const PLACES = [
  ['SQLite', describe, sqlitePlace, STEPS],
  ['MongoDB', describeWithMongod, (directory: string) => mongodbPlace(directory.split('/').at(-1)!), STEPS.slice(1, 2)],
] as const;

for (const [name, describePlace, open, steps] of PLACES) {
  describePlace(`An end of sessions whose process is killed, on ${name}`, () => {
    let directory: string;
    let place: Place;

    beforeEach(async () => {
      directory = await temporaryDirectory();
      place = await open(directory);
      const args = ['user:create', 'ada', '--password-stdin', '--json'];
      const made = await gatehouse(args, { directory, env: place.env, input: PASSWORD });
      expect(made.status).toBe(0);
    });

    afterEach(async () => {
      await ReferenceServer.stopAll();
      await place.close();
    });

    const start = (env: Record<string, string> = {}, preload: string[] = []) =>
      ReferenceServer.start({
        inHost: preload.length === 0,
        directory,
        preload: [QUICK_TIMERS, ...preload],
        deadline: PATIENCE,
        env: { NODE_ENV: 'test', BCRYPT_COST: '4', LOG_LEVEL: 'error', ...SOON, ...place.env, ...env },
      });

    const signIn = async (server: ReferenceServer, password = PASSWORD) => {
      const client = new BrowserClient(server.url);
      const { status } = await client.post('/auth/login', { username: 'ada', password });
      expect(status).toBe(200);
      return client.cookies.get('sid')!;
    };

    const isActive = async (server: ReferenceServer, token: string) => {
      const client = new BrowserClient(server.url, { cookie: `sid=${token}` });
      return (await client.get('/api/session')).json<{ active: boolean }>().active;
    };

    const killed = async (args: string, step: string) => {
      const env = { ...place.env, ...SOON, NODE_OPTIONS: `--import=${HOOK}`, TEST_KILL_AT: step };
      const { status, stdout } = await gatehouseProcess(args.split(' '), { directory, env });
      expect([status, stdout]).toEqual([null, '']);
    };

    /** On a route that looks at no account, in the database, and in the trail. */
    const expectFinished = async (server: ReferenceServer, tokens: readonly string[]) => {
      await until(
        'the end is finished',
        async () => {
          const { sessions, notes, epochs } = await place.look();
          return sessions === 0 && notes === 0 && epochs[0] === epochs[1];
        },
        PATIENCE,
      );
      for (const token of tokens) expect(await isActive(server, token)).toBe(false);
      // What a process has removed and was killed over before it could tell, nobody else can tell.
      const told = (await place.look()).told;
      expect(new Set(told).size).toBe(told.length);
      return told;
    };

    it.each(steps)(
      'at `%s` is finished by another process',
      async (step, hasChanged) => {
        const server = await start();
        const tokens = [await signIn(server), await signIn(server)];
        await killed('user:disable ada --json', step);
        if (!hasChanged) {
          await until('the note is gone', async () => (await place.look()).notes === 0, PATIENCE);
          expect(await place.look()).toEqual({ sessions: 2, notes: 0, epochs: [0, 0], told: [] });
          for (const token of tokens) expect(await isActive(server, token)).toBe(true);
          return;
        }
        const told = await expectFinished(server, tokens);
        const isTold = step !== 'remove before';
        if (isTold) expect([...told].sort()).toEqual(tokens.map((token) => token.slice(0, 22)).sort());
        expect(await place.look()).toMatchObject({ epochs: [1, 1] });
      },
      2 * PATIENCE,
    );

    /** By which way a process dies and another one begins, no storage knows either. */
    const onOne = name === 'SQLite' ? it : () => undefined;

    onOne(
      'is finished by the next start',
      async () => {
        const first = await start();
        const tokens = [await signIn(first), await signIn(first)];
        await first.kill('SIGKILL');
        await killed('user:disable ada --json', 'raiseUserEpoch before');
        expect(await place.look()).toEqual({ sessions: 2, notes: 1, epochs: [1, 0], told: [] });
        const told = await expectFinished(await start(), tokens);
        expect([...told].sort()).toEqual(tokens.map((token) => token.slice(0, 22)).sort());
      },
      2 * PATIENCE,
    );

    onOne(
      'with a change of the password by its own server, is finished by the next one',
      async () => {
        const first = await start({ TEST_KILL_AT: 'raiseUserEpoch before' }, [HOOK]);
        const tokens = [await signIn(first), await signIn(first)];
        const client = new BrowserClient(first.url, { cookie: `sid=${tokens[0]}` });
        const body = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
        await expect(client.post('/auth/password', body)).rejects.toThrow('fetch failed');
        await first.exit;
        expect(await place.look()).toMatchObject({ sessions: 2, notes: 1, epochs: [1, 0] });

        const server = await start();
        await until('the end is finished', async () => (await place.look()).notes === 0, PATIENCE);
        for (const token of tokens) expect(await isActive(server, token)).toBe(false);
        // Its secret was swapped, and is nobody's.
        expect(await place.look()).toEqual({ sessions: 1, notes: 0, epochs: [1, 1], told: [tokens[1]!.slice(0, 22)] });
        const token = await signIn(server, OTHER_PASSWORD);
        expect(await isActive(server, token)).toBe(true);
      },
      2 * PATIENCE,
    );
  });
}

afterAll(cleanUp);
