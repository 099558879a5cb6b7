import { expect, it } from '@jest/globals';
import { codeOf } from '../auth/support/auth-app.js';
import { HOUR, MINUTE, SECOND } from '../support/apps/fake-clock.js';
import { Latch, until } from '../support/latch.js';
import { AdminStorage } from 'nest-gatehouse/admin/storage';
import { JobSweeper } from 'nest-gatehouse/admin';
import { AuditService } from 'nest-gatehouse/auth';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { SessionStorage, SessionSweeper } from 'nest-gatehouse/session';
import type { EndedSession, UserSweepIndex } from 'nest-gatehouse/session/storage';
import type { BrowserClient } from '../support/browser/browser-client.js';
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

  /** The process ends the sessions of its second step, and then this happens to it. */
  function inSecondStep(app: AdminApp, happens: () => Promise<readonly EndedSession[]>) {
    const index = app.app.get(SessionStorage).index as UserSweepIndex;
    const endAmong = index.endAmong.bind(index);
    const state = { pages: 0, restore: () => void (index.endAmong = endAmong) };
    index.endAmong = async (...given) => {
      const ended = await endAmong(...given);
      return ++state.pages < 2 ? ended : happens();
    };
    return state;
  }

  /** The process dies before it ends any session of its first step, which it has noted. */
  async function diesBeforeItEnds(
    app: AdminApp,
    root: BrowserClient,
  ): Promise<{ index: UserSweepIndex; bury(): void }> {
    const index = app.app.get(SessionStorage).index as UserSweepIndex;
    const endAmong = index.endAmong.bind(index);
    const burial = new Latch();
    let isDead = false;
    index.endAmong = () => {
      isDead = true;
      return burial.opened.then(() => []);
    };
    void root.post(PATH, { filter: { userPrefix: 'user' } }).catch(() => undefined);
    await until('it dies', () => isDead);
    index.endAmong = endAmong;
    return { index, bury: () => burial.open() };
  }

  const ends = ({ audit }: AdminApp) => audit.filter(({ type }) => type === 'session.ended');

  /** All that the sweeper of jobs does about a job whose process has died. */
  async function complete({ app, clock }: AdminApp, meanwhile?: () => Promise<unknown>): Promise<void> {
    clock.advance(MINUTE);
    await app.get(JobSweeper).sweep();
    await meanwhile?.();
    clock.advance(MINUTE);
    await app.get(JobSweeper).sweep();
  }

  it('puts the last step of a process that died on record, and the same again ends the rest', async () => {
    const app = await start();
    await crowd(app, 700);
    const root = await app.signedIn('root', 'admin');
    const death = new Latch();
    const dying = inSecondStep(app, () => death.opened.then(() => []));
    void root.post(PATH, { filter: { userPrefix: 'user' } }).catch(() => undefined);
    await until('it hangs', () => dying.pages === 3);
    dying.restore();
    expect(ends(app)).toHaveLength(200);
    expect(await app.sessions.count({ usernamePrefix: 'user' })).toBe(100);

    await complete(app);
    expect(ends(app)).toHaveLength(600);
    death.open();
    expect((await root.post(PATH, { filter: { userPrefix: 'user' } })).json()).toEqual({ matched: 100, ended: 100 });
    expect([ends(app).length, new Set(ends(app).map(({ handle }) => handle)).size]).toEqual([700, 700]);
    await complete(app);
    expect(ends(app)).toHaveLength(700);
  });

  it('puts on record what had ended when the store failed', async () => {
    const app = await start();
    await crowd(app, 450);
    const root = await app.signedIn('root', 'admin');
    const failing = inSecondStep(app, () =>
      Promise.reject(new StoreUnavailableError('busy', 'The outcome is unknown.')),
    );
    const answer = await root.post(PATH, { filter: { userPrefix: 'user' } });
    failing.restore();
    expect([answer.status, codeOf(answer)]).toEqual([503, 'store_unavailable']);
    await complete(app);
    expect([ends(app).length, new Set(ends(app).map(({ handle }) => handle)).size]).toEqual([450, 450]);
    expect(ends(app).every(({ detail }) => detail === 'administrator')).toBe(true);
  });

  it('tells no end twice that somebody else has brought about, and is about to tell', async () => {
    const app = await start();
    await crowd(app, 300);
    const root = await app.signedIn('root', 'admin');
    const { index, bury } = await diesBeforeItEnds(app, root);
    const { items } = await app.sessions.find({ usernamePrefix: 'user' }, { limit: 200 });
    const [own, ...others] = items;
    const late = await index.endAmong([own!.handle], {});
    expect(late).toHaveLength(1);
    await complete(app, () =>
      app.app.get(AuditService).record('session.ended', { handle: own!.handle, userId: own!.userId, detail: 'logout' }),
    );
    bury();
    expect(ends(app).map(({ handle, detail }) => [handle, detail])).toEqual([[own!.handle, 'logout']]);
    for (const { handle } of others.slice(0, 3)) expect(await app.sessions.read(handle)).not.toBeNull();
  });

  it('tells of what has expired under a process that died that it has expired', async () => {
    const app = await start({ session: { idleTimeout: '1m' } });
    await crowd(app, 20);
    const root = await app.signedIn('root', 'admin');
    const { bury } = await diesBeforeItEnds(app, root);
    await complete(app);
    bury();
    await app.app.get(SessionSweeper).sweep();
    const told = ends(app).filter(({ session }) => session?.username?.startsWith('user'));
    expect([told.length, new Set(told.map(({ detail }) => detail))]).toEqual([20, new Set(['idle'])]);
  });
});
