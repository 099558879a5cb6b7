import { expect, it } from '@jest/globals';
import { Body, Controller, Get, Post, Req } from '@nestjs/common';
import { Public, RequireRecentAuth, Roles, UserService } from 'nest-gatehouse/auth';
import { AUDIT_POLICIES, auditOriginOf, type HttpRequest, visitorOf } from 'nest-gatehouse/auth/http';
import type { AuditEntry, AuditType } from 'nest-gatehouse/auth/storage';
import { describeSession, Session, SessionStorage } from 'nest-gatehouse/session';
import { trailOf } from './support/audit-trail.js';
import {
  codeOf,
  LOGIN,
  onEveryPlatform,
  OTHER_PASSWORD,
  PASSWORD,
  postForm,
  type AuthApp,
} from './support/auth-app.js';
import { HOUR, SECOND } from '../support/apps/fake-clock.js';
import { until } from '../support/latch.js';
import { sharingApps } from '../support/apps/combinations.js';

const AGENT = 'Walker/1.0 (X11; Linux x86_64)';
const STRANGER_AGENT = 'Stranger/2.0';
const WRONG = 'a wrong password, quite wrong';

interface Order {
  readonly id: string;
  readonly act:
    'disable' | 'enable' | 'unlock' | 'requirePasswordChange' | 'setOneTimePassword' | 'endSessions' | 'create';
}

/** Administration of an application's own, which says who asked by the library's one means. */
@Controller('admin')
@Roles('admin')
class AdminController {
  constructor(private readonly users: UserService) {}

  @Post('orders')
  async order(@Req() request: HttpRequest, @Body() { id, act }: Order) {
    const by = auditOriginOf(visitorOf(request));
    if (act === 'create') await this.users.create({ username: id, password: PASSWORD }, by);
    else await this.users[act](id, by);
  }

  @Post('roles')
  async roles(@Req() request: HttpRequest, @Body() { id }: Order) {
    await this.users.setRoles(id, ['editor'], auditOriginOf(visitorOf(request)));
  }
}

@Controller('things')
class ThingsController {
  constructor(private readonly storage: SessionStorage) {}

  @Get('recent')
  @RequireRecentAuth('5m')
  recent() {
    return { fine: true };
  }

  /** Another request changes the same key meanwhile. */
  @Post('clash')
  async clash(@Session() session: Session) {
    session['x'] = 'mine';
    await this.storage.store.update(describeSession(session)!.handle, { data: { set: new Map([['x', '"theirs"']]) } });
  }

  @Post('open')
  @Public()
  open() {
    return { fine: true };
  }
}

const controllers = [AdminController, ThingsController];

/** Written by no request. */
const OF_NOBODY: readonly AuditType[] = ['store.failed', 'entries.left_out'];

/** `test/admin/` has these. */
const OF_ADMINISTRATION: readonly AuditType[] = [
  'session.extended',
  'sessions.ended',
  'user.deleted',
  'user.exported',
  'api_key.created',
  'api_key.rotated',
  'api_key.revoked',
  'api_key.refused',
];

/** Does, over HTTP, everything that leaves an entry. */
async function walk(app: AuthApp, targetId: string): Promise<void> {
  const visitor = () => app.browser({ 'user-agent': AGENT });
  const signIn = async (username: string, password = PASSWORD) => {
    const client = visitor();
    expect((await client.post(LOGIN, { username, password })).status).toBe(200);
    return client;
  };
  const handleOf = (client: ReturnType<typeof visitor>) => client.cookies.get('sid')!.split('.')[0]!;
  const expectCode = async (answer: Promise<Parameters<typeof codeOf>[0]>, code: string) =>
    expect(codeOf(await answer)).toBe(code);

  const stranger = app.browser({ 'user-agent': STRANGER_AGENT });
  await expectCode(stranger.get('/auth/me'), 'not_signed_in');
  for (let n = 0; n < 2; n++)
    await expectCode(stranger.post(LOGIN, { username: 'nobody', password: WRONG }), 'invalid_credentials');
  await expectCode(stranger.post(LOGIN, { username: 'nobody', password: WRONG }), 'too_many_attempts');
  await expectCode(stranger.post(LOGIN, { username: { $ne: 1 }, password: { $ne: 1 } }), 'invalid_credentials');

  const [alice, other] = [await signIn('alice'), await signIn('alice')];
  await expectCode(visitor().post(LOGIN, { username: 'alice', password: PASSWORD }), 'session_limit');
  const crossSite = { headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } };
  await expectCode(alice.request('POST', '/things/open', crossSite), 'cross_site');
  await expectCode(postForm(alice, '/things/open', {}), 'csrf_token');
  await expectCode(postForm(alice, '/things/open', { _csrf: 'x' }), 'csrf_token');
  await expectCode(alice.post('/admin/orders', { id: 'x', act: 'create' }), 'forbidden');
  const thief = app.browser({ 'user-agent': STRANGER_AGENT, cookie: `sid=${handleOf(alice)}.${'A'.repeat(43)}` });
  await thief.post('/things/open');
  app.clock.advance(HOUR + SECOND);
  await expectCode(alice.get('/things/recent'), 'recent_auth_required');
  await expectCode(alice.post('/auth/reauthenticate', { password: WRONG }), 'invalid_credentials');
  expect((await alice.post('/auth/reauthenticate', { password: PASSWORD })).status).toBe(204);

  const root = await signIn('root');
  await expectCode(alice.request('DELETE', `/auth/sessions/${handleOf(root)}`), 'session_not_found');
  expect((await alice.request('DELETE', `/auth/sessions/${handleOf(other)}`)).status).toBe(204);
  await signIn('alice');
  await expectCode(alice.post('/things/clash'), 'conflict');
  const change = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
  expect((await alice.post('/auth/password', change)).status).toBe(204);
  expect((await alice.post('/auth/logout')).status).toBe(204);

  const target = await signIn('target');
  const order = async (path: string, body: Order) => expect((await root.post(`/admin/${path}`, body)).status).toBe(201);
  await order('orders', { id: 'newcomer', act: 'create' });
  await order('roles', { id: targetId, act: 'create' });
  await order('orders', { id: targetId, act: 'unlock' });
  await order('orders', { id: targetId, act: 'requirePasswordChange' });
  await expectCode(target.get('/auth/sessions'), 'password_change_required');
  for (const act of ['disable', 'enable', 'setOneTimePassword', 'endSessions'] as const)
    await order('orders', { id: targetId, act });
}

sharingApps(onEveryPlatform)('Every entry of the audit trail that a request causes', (start) => {
  it('says who did it, from where, with what, and in which session', async () => {
    const app = await start({
      controllers,
      auth: { freeFailures: 2, maxSessionsPerUser: 2, sessionLimitPolicy: 'refuse' },
      session: { conflict: 'reject', idleTimeout: '12h', absoluteTimeout: '24h', renewAfter: '1h' },
    });
    const ids = new Map<string, string>();
    for (const [username, roles] of [
      ['alice', []],
      ['root', ['admin']],
      ['target', []],
    ] as const)
      ids.set(username, (await app.users.create({ username, password: PASSWORD, roles })).user.id);
    const before = (await trailOf(app)).length;
    await walk(app, ids.get('target')!);
    // No answer waits for what the sessions' own events tell.
    await until('all are on record', async () => (await trailOf(app)).length === app.audit.length);

    const trail = (await trailOf(app)).slice(before);
    const types = Object.keys(AUDIT_POLICIES) as AuditType[];
    const elsewhere: readonly AuditType[] = [...OF_NOBODY, ...OF_ADMINISTRATION];
    const missing = types.filter((type) => !elsewhere.includes(type) && !trail.some((entry) => entry.type === type));
    expect(missing).toEqual([]);
    for (const entry of trail) {
      const isStranger = entry.userAgent === STRANGER_AGENT;
      expect(entry).toMatchObject({ ip: '127.0.0.1', userAgent: isStranger ? STRANGER_AGENT : AGENT });
      // Of a session there is nothing to say before one is signed in.
      const isAtTheDoor = isStranger || (entry.type === 'login.refused' && entry.handle === null);
      if (!isAtTheDoor) expect([entry.type, entry.handle]).toEqual([entry.type, expect.stringMatching(/^[\w-]{22}$/)]);
      if (!isStranger) expect([entry.type, entry.actorId]).toEqual([entry.type, expect.any(String)]);
    }
    const byRoot = types.filter((type) =>
      trail.some((entry) => entry.type === type && entry.actorId === ids.get('root')),
    );
    expect(byRoot.sort()).toEqual(
      [
        'login.ok',
        'password.change_required',
        'password.reset',
        'session.ended',
        'user.created',
        'user.disabled',
        'user.enabled',
        'user.roles_changed',
        'user.unlocked',
        ...(byRoot.includes('session.renewed') ? ['session.renewed'] : []),
      ].sort(),
    );

    const found = (type: AuditType) => trail.filter((entry) => entry.type === type);
    const details = (type: AuditType) => found(type).map(({ detail }) => detail);
    const handle = (entry: AuditEntry) => entry.handle;
    const [alice, root] = [ids.get('alice')!, ids.get('root')!];
    const signIns = found('login.ok').filter(({ userId }) => userId === root);
    expect(details('login.failed')).toEqual([
      'unknown_user',
      'unknown_user',
      'unknown_user not_text',
      'wrong_password at re-authentication',
    ]);
    expect(details('login.refused')).toEqual(['session_limit']);
    expect(details('cross_site.refused')).toEqual(['site cross-site, origin https://evil.example']);
    expect(details('csrf.refused')).toEqual(['missing', 'wrong']);
    expect(details('access.denied')).toEqual(['AdminController.order']);
    expect(details('access.recent_auth_required')).toEqual(['ThingsController.recent']);
    expect(details('access.password_change_required')).toEqual(['MySessionsController.list']);
    expect(details('access.not_signed_in')).toEqual(['AuthController.me']);
    expect(details('session.refused')).toEqual(['wrong_secret']);
    expect(found('object.denied')).toMatchObject([
      { actorId: alice, userId: root, detail: `session ${signIns.map(handle).join()}` },
    ]);
    expect(found('session.ended').map(({ actorId, userId, detail }) => [actorId, userId, detail])).toEqual([
      [alice, alice, 'logout_elsewhere'],
      [alice, alice, 'password_changed'],
      [alice, alice, 'logout'],
      [root, ids.get('target'), 'disabled'],
    ]);
  });

  it('says that a sign-in was not looked at because too many were waiting', async () => {
    const app = await start({ auth: { hashQueue: 1, bcryptCost: 10 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const stranger = app.browser({ 'user-agent': STRANGER_AGENT });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => stranger.post(LOGIN, { username: 'alice', password: PASSWORD })),
    );
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    const refused = await trailOf(app, 'login.refused');
    expect(refused).toHaveLength(busy.length);
    expect(refused[0]).toMatchObject({ detail: 'busy', username: 'alice', ip: '127.0.0.1', userAgent: STRANGER_AGENT });
  });
});
