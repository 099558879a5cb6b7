import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ADMINISTRATOR } from '../support/servers/administrator.js';
import { BrowserClient, type Answer } from '../support/browser/browser-client.js';
import { until } from '../support/latch.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';
import {
  describeOnSmallDisk,
  fillUp,
  freeOn,
  makeRoom,
  smallDisk,
  type SmallDisk,
} from '../support/servers/small-disk.js';
import { StoreProcess } from '../sqlite/support/store-process.js';

const MB = 1024 * 1024;
const LARGE = 'x'.repeat(60_000);

interface Moment {
  readonly what: string;
  readonly status: string;
  readonly ready: number;
  readonly freeKiB: number;
  readonly fileKiB: number;
  readonly logKiB: number;
  readonly reserveKiB: number;
}

describeOnSmallDisk.each(['fastify', 'express'])('a file system of 3 MB, on %s', (HTTP_ADAPTER) => {
  let disk: SmallDisk;
  let server: ReferenceServer;
  const life: Moment[] = [];

  beforeEach(async () => {
    disk = await smallDisk(3 * MB);
  });

  afterEach(async () => {
    await StoreProcess.killAll();
    await cleanUp();
    await disk.remove();
    // Figures for whoever wants to see them.
    if (process.env['SHOW_LIFE']) process.stderr.write(`${table(life)}\n`);
  });

  const file = () => join(disk.path, 'gatehouse.db');
  const visitor = (cookie?: string) => new BrowserClient(server.url, cookie === undefined ? {} : { cookie });
  const isReady = async () => (await visitor().get('/health/ready')).status === 200;

  async function start(): Promise<void> {
    server = await ReferenceServer.start({
      through: disk.through,
      preload: ['test/support/servers/moved-clock.mjs'],
      env: {
        HTTP_ADAPTER,
        SQLITE_FILE: file(),
        SWEEP_INTERVAL: '500ms',
        BCRYPT_COST: '4',
        MAX_SESSIONS_PER_USER: '0',
        GATEHOUSE_ADMIN_USER: ADMINISTRATOR.username,
        GATEHOUSE_ADMIN_PASSWORD: ADMINISTRATOR.password,
      },
    });
  }

  /** Signed in for longer than the sessions of this test live. */
  async function signIn(): Promise<BrowserClient> {
    const client = visitor();
    expect((await client.post('/auth/login', { ...ADMINISTRATOR, remember: true })).status).toBe(200);
    return client;
  }

  const cookieOf = (client: BrowserClient) => `sid=${client.cookies.get('sid')}`;
  const handleOf = async (client: BrowserClient) =>
    (await client.get('/api/session')).json<{ handle: string }>().handle;

  const size = (suffix: string) =>
    kib(statSync(join(disk.seen, `gatehouse.db${suffix}`), { throwIfNoEntry: false })?.size);

  /** Looked up by another process, before the server does anything more. */
  async function isStored(handle: string): Promise<boolean> {
    const process = await StoreProcess.open(file(), disk.through);
    const record = await process.call('store', 'read', handle);
    await process.kill();
    return record !== null;
  }

  async function note(what: string, status: number | string): Promise<void> {
    const { status: ready } = await visitor().get('/health/ready');
    const sizes = { freeKiB: kib(freeOn(disk)), fileKiB: size(''), logKiB: size('-wal'), reserveKiB: size('-reserve') };
    life.push({ what, status: String(status), ready, ...sizes });
  }

  it('fills up, ends sessions, is started again full, and recovers', async () => {
    await start();
    const owners = await Promise.all(Array.from({ length: 5 }, signIn));
    const handles = await Promise.all(owners.map(handleOf));
    const [first, second, third, fourth, fifth] = owners.map(cookieOf);
    await note('started', 200);

    const stored: string[] = [];
    let refusal: Answer | undefined;
    while (!refusal) {
      const client = visitor();
      const answer = await client.post('/api/code', { code: LARGE });
      if (answer.status === 200) stored.push(cookieOf(client));
      else refusal = answer;
    }
    expect(stored.length).toBeGreaterThan(20);
    expect(refusal.status).toBe(503);
    expect(refusal.json()).toMatchObject({ code: 'store_unavailable' });
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refusal.setCookies).toEqual([]);
    await note(`${stored.length} sessions of 60 kB, the next one`, refusal.status);
    // Whether there is room is looked up once a second at most.
    await until('the server says that it is not ready', async () => !(await isReady()));
    const unready = await visitor().get('/health/ready');
    expect(unready.status).toBe(503);
    expect(unready.json()).toMatchObject({ code: 'not_ready', errors: [{ field: 'session_store' }] });
    expect(unready.text).toContain('has no room left');
    expect(unready.text).not.toMatch(/sqlite|gatehouse\.db/i);

    const out = await visitor(first).post('/auth/logout');
    expect(out.status).toBe(204);
    expect(await isStored(handles[0]!)).toBe(false);
    await note('sign out', out.status);
    const revoked = await visitor(second).request('DELETE', `/auth/sessions/${handles[2]}`);
    expect(revoked.status).toBe(204);
    expect(await isStored(handles[2]!)).toBe(false);
    await note('end another session', revoked.status);

    await server.kill('SIGKILL');
    fillUp(disk);
    await start();
    expect((await visitor(first).get('/auth/me')).status).toBe(401);
    expect((await visitor(third).get('/auth/me')).status).toBe(401);
    expect((await visitor(stored[0]).get('/api/code')).json()).toEqual({ result: LARGE });
    const outAgain = await visitor(fourth).post('/auth/logout');
    expect(outAgain.status).toBe(204);
    expect(await isStored(handles[3]!)).toBe(false);
    await note('kill -9, all else taken by others, started, sign out', outAgain.status);

    expect((await server.kill('SIGTERM')).code).toBe(0);
    fillUp(disk);
    await start();
    const password = { currentPassword: ADMINISTRATOR.password, newPassword: 'another correct horse battery' };
    const changed = await visitor(fifth).post('/auth/password', password);
    expect(changed.status).toBe(204);
    expect(await isStored(handles[1]!)).toBe(false);
    await note('stopped, all else taken by others, started, new password', changed.status);

    expect(await isReady()).toBe(false);
    server.signal('SIGUSR2');
    await until('the sessions are over and swept', isReady);
    await note('sessions over by time and swept', '');
    const late = visitor();
    const again = await late.post('/api/code', { code: LARGE });
    expect(again.status).toBe(200);
    await note('a new session of 60 kB', again.status);
    expect((await late.get('/api/code')).json()).toEqual({ result: LARGE });
    expect((await visitor(second).get('/auth/me')).status).toBe(401);
    makeRoom(disk);
    await until('the reserve is whole again', async () => (await isReady()) && size('-reserve') === 384);
    await note('others have made room', '');
  }, 180_000);
});

function kib(bytes = 0): number {
  return Math.round(bytes / 1024);
}

function table(moments: readonly Moment[]): string {
  const [head] = moments;
  if (!head) return '';
  const rows = [Object.keys(head), ...moments.map((moment) => Object.values(moment).map(String))];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
