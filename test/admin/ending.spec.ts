import { expect, it } from '@jest/globals';
import { codeOf } from '../auth/support/auth-app.js';
import { HOUR, MINUTE, SECOND } from '../support/apps/fake-clock.js';
import { until } from '../support/latch.js';
import { AdminStorage } from 'nest-gatehouse/admin/storage';
import { JobSweeper } from 'nest-gatehouse/admin';
import { SessionStorage } from 'nest-gatehouse/session';
import type { EndedSession, UserSweepIndex } from 'nest-gatehouse/session/storage';
import { onEveryDatabase, type AdminApp } from './support/admin-app.js';

const PATH = '/admin/api/sessions/end';

async function crowd(app: AdminApp, count: number, name = 'user'): Promise<void> {
  const create = (_: unknown, n: number) =>
    app.sessions.createForUser(`id-${n % 7}`, { username: `${name}${n % 7}`, ip: `10.0.${n % 2}.1` });
  await Promise.all(Array.from({ length: count }, create));
}

onEveryDatabase('POST /admin/api/sessions/end', (start) => {
  it('counts in a dry run, and ends what matches', async () => {
    const app = await start();
    await crowd(app, 450);
    const root = await app.signedIn('root', 'admin');
    const filter = { ip: '10.0.1.0/24' };
    expect((await root.post(PATH, { filter, dryRun: true })).json()).toEqual({ matched: 225, ended: 0 });
    expect(await app.sessions.count()).toBe(451);
    const answer = await root.post(PATH, { filter });
    expect([answer.status, answer.json()]).toEqual([200, { matched: 225, ended: 225 }]);
    expect(await app.sessions.count()).toBe(226);
    expect(await app.sessions.count({ ip: '10.0.1.1' })).toBe(0);
    const ends = app.audit.filter(({ type }) => type === 'session.ended');
    expect([ends.length, new Set(ends.map(({ handle }) => handle)).size]).toEqual([225, 225]);
    expect(new Set(ends.map(({ detail, actorId }) => `${detail} ${actorId}`)).size).toBe(1);
    expect(app.audit.filter(({ type }) => type === 'sessions.ended').map(({ detail }) => detail)).toEqual([
      'ip=10.0.1.0/24: 225 to end',
      'ip=10.0.1.0/24: 225 of 225 ended',
    ]);
    expect((await root.post(PATH, { filter })).json()).toEqual({ matched: 0, ended: 0 });
  });

  it('wants a condition, or the word all', async () => {
    const app = await start();
    await crowd(app, 3);
    const root = await app.signedIn('root', 'admin');
    for (const body of [undefined, {}, { filter: {} }, { filter: {}, all: false }]) {
      const answer = await root.post(PATH, body);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'filter_invalid']);
    }
    for (const [body, code] of [
      [{ filter: { users: 'x' } }, 'filter_invalid'],
      [{ filter: { state: 'ended' } }, 'filter_invalid'],
      [{ filter: { user: 'x' }, dryrun: true }, 'body_invalid'],
      [{ filter: { user: 'x' }, dryRun: 'true' }, 'dry_run_invalid'],
    ] as const)
      expect(codeOf(await root.post(PATH, body))).toBe(code);
    expect(await app.sessions.count()).toBe(4);
    const all = await root.post(PATH, { all: true });
    expect([all.status, all.json()]).toEqual([200, { matched: 4, ended: 4 }]);
    expect(await app.sessions.count()).toBe(0);
  });

  it('asks for a recent password, but not to count', async () => {
    const app = await start({ session: { idleTimeout: '12h', absoluteTimeout: '24h' } });
    await crowd(app, 3);
    const root = await app.signedIn('root', 'admin');
    app.clock.advance(16 * MINUTE);
    const refused = await root.post(PATH, { filter: { userPrefix: 'user' } });
    expect([refused.status, codeOf(refused)]).toEqual([401, 'recent_auth_required']);
    expect(refused.headers.get('www-authenticate')).not.toBeNull();
    expect((await root.post(PATH, { filter: { userPrefix: 'user' }, dryRun: true })).json()).toMatchObject({
      matched: 3,
    });
    expect(await app.sessions.count()).toBe(4);
  });

  it('goes on as a job where it takes long', async () => {
    const app = await start({ admin: { jobAfter: '1ms' }, session: { basePath: '/shop' } });
    await crowd(app, 300);
    const root = await app.signedIn('root', 'admin');
    const answer = await root.post(PATH, { filter: { userPrefix: 'user' } });
    expect(answer.status).toBe(202);
    expect(answer.json()).toMatchObject({ state: 'running', matched: 300 });
    const location = answer.headers.get('location')!;
    expect(location).toMatch(/^\/shop\/admin\/api\/jobs\/[\w-]{22}$/);
    const job = location.slice('/shop'.length);
    await until('it is done', async () => (await root.get(job)).json()['state'] === 'done');
    expect((await root.get(job)).json()).toEqual({ state: 'done', matched: 300, ended: 300 });
    expect(await app.sessions.count()).toBe(1);
    expect(codeOf(await root.get(`/admin/api/jobs/${'x'.repeat(22)}`))).toBe('job_not_found');
    app.clock.advance(48 * HOUR);
    await app.app.get(JobSweeper).sweep();
    expect(await app.app.get(AdminStorage).jobs.read(job.slice(-22))).toBeNull();
  });

  it('ends nothing that came after it', async () => {
    const app = await start();
    await crowd(app, 250);
    const root = await app.signedIn('root', 'admin');
    const { index } = app.app.get(SessionStorage);
    const find = index!.find.bind(index!);
    index!.find = async (filter, page) => {
      app.clock.advance(SECOND);
      await crowd(app, 1, 'userlate');
      return find(filter, page);
    };
    const answer = (await root.post(PATH, { filter: { userPrefix: 'user' } })).json();
    index!.find = find;
    expect(answer).toEqual({ matched: 250, ended: 250 });
    expect(await app.sessions.count({ usernamePrefix: 'userlate' })).toBeGreaterThan(0);
  });

  it('puts the last batch of a process that died on record, and the same again ends the rest', async () => {
    const app = await start();
    await crowd(app, 500);
    const root = await app.signedIn('root', 'admin');
    const index = app.app.get(SessionStorage).index as UserSweepIndex;
    const endAmong = index.endAmong.bind(index);
    let batches = 0;
    // The process ends the sessions of the second batch, and dies before it can say so.
    index.endAmong = async (...given) => {
      const ended = await endAmong(...given);
      if (++batches < 2) return ended;
      return new Promise<readonly EndedSession[]>(() => undefined);
    };
    void root.post(PATH, { filter: { userPrefix: 'user' } }).catch(() => undefined);
    await until('it hangs', () => batches === 2);
    index.endAmong = endAmong;
    expect(app.audit.filter(({ type }) => type === 'session.ended')).toHaveLength(200);
    expect(await app.sessions.count({ usernamePrefix: 'user' })).toBe(100);

    app.clock.advance(MINUTE);
    await app.app.get(JobSweeper).sweep();
    expect(app.audit.filter(({ type }) => type === 'session.ended')).toHaveLength(400);
    expect((await root.post(PATH, { filter: { userPrefix: 'user' } })).json()).toEqual({ matched: 100, ended: 100 });
    const handles = app.audit.filter(({ type }) => type === 'session.ended').map(({ handle }) => handle);
    expect([handles.length, new Set(handles).size]).toEqual([500, 500]);
    await app.app.get(JobSweeper).sweep();
    expect(app.audit.filter(({ type }) => type === 'session.ended')).toHaveLength(500);
  });
});
