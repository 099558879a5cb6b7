import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SqliteAuditLog, SqliteDatabase, SqliteSessionIndex, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { sessionAt } from 'nest-gatehouse/testing';
import { ADMINISTRATOR, signInTo } from '../support/servers/administrator.js';
import type { BrowserClient } from '../support/browser/browser-client.js';
import { until } from '../support/latch.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';

const ENV = {
  NODE_ENV: 'test',
  BCRYPT_COST: '4',
  MAX_SESSIONS_PER_USER: '0',
  GATEHOUSE_ADMIN_USER: ADMINISTRATOR.username,
  GATEHOUSE_ADMIN_PASSWORD: ADMINISTRATOR.password,
};
const FILTER = { userPrefix: 'visitor' };

async function place(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'gatehouse-administration-'));
}

async function onFile<T>(directory: string, work: (database: SqliteDatabase) => Promise<T>): Promise<T> {
  const database = await SqliteDatabase.open({ file: join(directory, 'data/gatehouse.db') });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

function crowd(directory: string, count: number): Promise<string[]> {
  return onFile(directory, async (database) => {
    const store = new SqliteSessionStore(database);
    const records = Array.from({ length: count }, (_, n) =>
      sessionAt(Date.now(), { userId: `id-${n % 50}`, username: `visitor${n % 50}` }),
    );
    await Promise.all(records.map((record) => store.insert(record)));
    return records.map(({ handle }) => handle);
  });
}

/** The handles whose ends are on record, by `sessions.ended` of an administrator. */
function ends(directory: string): Promise<string[]> {
  return onFile(directory, async (database) => {
    const audit = new SqliteAuditLog(database);
    const found: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await audit.find({ type: 'session.ended' }, { limit: 200, cursor: cursor ?? undefined });
      found.push(...page.items.filter(({ detail }) => detail === 'administrator').map(({ handle }) => handle!));
      cursor = page.next;
    }
    return found;
  });
}

const left = (directory: string) =>
  onFile(directory, async (database) => new SqliteSessionIndex(database).count({ usernamePrefix: 'visitor' }));

function patch(client: BrowserClient, path: string, body: object) {
  return client.request('PATCH', path, {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
}

describe('An end of thousands of sessions', () => {
  afterEach(cleanUp);

  it('whose process is killed half-way is completed by the same again, and the trail adds up', async () => {
    const directory = await place();
    const first = await ReferenceServer.start({ directory, env: ENV });
    const handles = await crowd(directory, 4_000);
    const root = await signInTo(first);
    void root.post('/admin/api/sessions/end', { filter: FILTER }).catch(() => undefined);
    await until('some have ended', async () => (await left(directory)) < 3_600);
    await first.kill('SIGKILL');
    const rest = await left(directory);
    expect(rest).toBeGreaterThan(0);

    const second = await ReferenceServer.start({ directory, env: ENV, inHost: true });
    const again = await signInTo(second);
    const answer = await again.post('/admin/api/sessions/end', { filter: FILTER });
    const { matched } = answer.json<{ matched: number }>();
    expect(matched).toBe(rest);
    await until('none is left', async () => (await left(directory)) === 0);
    // What the dead process has ended and not told is put on record once its job's lease is over.
    await until('all are on record', async () => (await ends(directory)).length >= handles.length, 90_000);
    const told = await ends(directory);
    expect([told.length, new Set(told).size]).toEqual([handles.length, handles.length]);
    expect([...told].sort()).toEqual([...handles].sort());
  }, 240_000);

  it('leaves the server answering others', async () => {
    const directory = await place();
    const server = await ReferenceServer.start({ directory, env: ENV, inHost: true });
    await crowd(directory, 1_500);
    const root = await signInTo(server);
    const ending = root.post('/admin/api/sessions/end', { filter: FILTER });
    let answered = 0;
    let isOver = false;
    void ending.finally(() => (isOver = true));
    while (!isOver) {
      expect((await root.get('/api/session')).status).toBe(200);
      answered++;
    }
    expect((await ending).status).toBeLessThan(300);
    expect(answered).toBeGreaterThan(3);
  }, 120_000);
});

describe('Two servers on one store', () => {
  afterEach(cleanUp);

  it('never lose the last administrator, whoever demotes whom at once', async () => {
    const directory = await place();
    const servers = [
      await ReferenceServer.start({ directory, env: ENV, inHost: true }),
      await ReferenceServer.start({ directory, env: ENV, inHost: true }),
    ];
    const roots = await Promise.all(servers.map((server) => signInTo(server)));
    const people = (await roots[0]!.get('/admin/api/users')).json<{ items: { id: string }[] }>();
    const ids = [people.items[0]!.id];
    for (const username of ['bea', 'cid', 'dot'])
      ids.push((await roots[0]!.post('/admin/api/users', { username, roles: ['admin'] })).json<{ id: string }>().id);
    for (let round = 0; round < 5; round++) {
      const others = ids.slice(1);
      // All but the one who asks are demoted or disabled twice, from both servers; then each server tries the last one.
      await Promise.all(
        others.flatMap((id, n) =>
          roots.map((root) => patch(root, `/admin/api/users/${id}`, n % 2 ? { roles: [] } : { disabled: true })),
        ),
      );
      const refused = await Promise.all(roots.map((root) => patch(root, `/admin/api/users/${ids[0]}`, { roles: [] })));
      expect(refused.map(({ status }) => status)).toEqual([409, 409]);
      await Promise.all(
        others.map((id) => patch(roots[0]!, `/admin/api/users/${id}`, { roles: ['admin'], disabled: false })),
      );
    }
    const [, second] = ids;
    const outcomes = await Promise.all([
      patch(roots[0]!, `/admin/api/users/${ids[0]}`, { roles: [] }),
      ...ids.slice(2).map((id) => patch(roots[1]!, `/admin/api/users/${id}`, { roles: [] })),
      patch(roots[1]!, `/admin/api/users/${second}`, { disabled: true }),
    ]);
    expect(outcomes.some(({ status }) => status === 409 || status === 403)).toBe(true);
    const remaining = await onFile(directory, async (database) => {
      const { SqliteUserStore } = await import('nest-gatehouse/sqlite');
      const { items } = await new SqliteUserStore(database).list({ limit: 50 });
      return items.filter(({ roles, disabled }) => roles.includes('admin') && !disabled).length;
    });
    expect(remaining).toBeGreaterThanOrEqual(1);
  }, 120_000);
});

describe('GET /admin/api/policy of the server', () => {
  afterEach(cleanUp);

  it('says which setting each value came from', async () => {
    const directory = await place();
    const file = join(directory, 'gatehouse.json');
    await writeFile(file, JSON.stringify({ SESSION_ABSOLUTE_TIMEOUT: '8h', SESSION_IDLE_TIMEOUT: '5m' }));
    const env = { ...ENV, GATEHOUSE_CONFIG: file, SESSION_IDLE_TIMEOUT: '45m', PASSWORD_PEPPER: 'p'.repeat(40) };
    const server = await ReferenceServer.start({ directory, env, inHost: true });
    const root = await signInTo(server);
    const answer = await root.get('/admin/api/policy');
    const { items } = answer.json<{ items: { name: string }[] }>();
    const of = (name: string) => items.find((item) => item.name === name);
    expect(of('SESSION_IDLE_TIMEOUT')).toEqual({ name: 'SESSION_IDLE_TIMEOUT', value: '45m', source: 'environment' });
    expect(of('SESSION_ABSOLUTE_TIMEOUT')).toMatchObject({ value: '8h', source: 'file' });
    expect(of('LOGIN_HARD_LIMIT')).toMatchObject({ value: '100', source: 'default' });
    expect(of('SESSION_COOKIE_NAME')).toMatchObject({ value: 'sid', source: 'default' });
    expect(of('ALLOWED_ORIGINS')).toMatchObject({ value: null, source: 'default' });
    expect(answer.text).not.toMatch(new RegExp(`${'p'.repeat(40)}|${ADMINISTRATOR.password}`));
  }, 60_000);
});
