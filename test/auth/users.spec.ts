import { expect, it } from '@jest/globals';
import { AuditService, AuditSweeper } from 'nest-gatehouse/auth';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { until } from '../support/latch.js';
import { codeOf, LOGIN, onOnePlatform, OTHER_PASSWORD, PASSWORD } from './support/auth-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const DAY = 86_400_000;

sharingApps(onOnePlatform)('UserService', (start) => {
  it('refuses names that are taken or cannot be seen', async () => {
    const app = await start();
    await app.users.create({ username: 'Alice', password: PASSWORD });
    const refusals: [string, string][] = [
      ['ALICE', 'username_taken'],
      ['ａｌｉｃｅ', 'username_taken'],
      ['', 'username_invalid'],
      [' bob', 'username_invalid'],
      ['b\u0000b', 'username_invalid'],
      ['b\u200bob', 'username_invalid'],
      ['\u202eecila', 'username_invalid'],
      ['x'.repeat(129), 'username_invalid'],
      ['\ufdfa'.repeat(20), 'username_invalid'],
    ];
    for (const [username, code] of refusals) {
      await expect(app.users.create({ username, password: PASSWORD })).rejects.toMatchObject({ code });
    }
    await app.users.create({ username: '😀'.repeat(128), password: PASSWORD });
    await expect(app.users.create({ username: 'bob', password: 'short' })).rejects.toMatchObject({
      code: 'password_rejected',
    });
    await expect(app.users.create({ username: 'bob', password: PASSWORD, roles: ['a', 'a'] })).rejects.toMatchObject({
      code: 'roles_invalid',
    });
    expect((await app.users.list()).items).toHaveLength(2);
  });

  it('makes accounts of the application’s own ids, and without a password', async () => {
    const app = await start();
    const { user, oneTimePassword } = await app.users.create({ id: 'acme:Ab|1', username: 'alice', password: null });
    expect(user).toMatchObject({ id: 'acme:Ab|1', passwordHash: null, mustChangePassword: false });
    expect([user.passwordChangedAt, oneTimePassword]).toEqual([null, undefined]);
    expect(await app.users.findById('acme:Ab|1')).toMatchObject({ username: 'alice' });
    expect(await app.users.findById('acme:ab|1')).toBeNull();
    for (const password of ['', 'null', PASSWORD])
      expect(codeOf(await app.browser().post(LOGIN, { username: 'alice', password }))).toBe('invalid_credentials');
    await expect(app.users.create({ id: 'acme:Ab|1', username: 'bob' })).rejects.toMatchObject({
      code: 'username_taken',
    });
    for (const id of ['', ' ', 'é', 'a b', 'sessman:shop:ann', 'x'.repeat(301)])
      await expect(app.users.create({ id, username: 'bob' })).rejects.toThrow(RangeError);
    await app.users.setPassword(user.id, PASSWORD);
    await app.signedIn('alice', PASSWORD);
  });

  it('lets one of many parallel creations of a name win', async () => {
    const app = await start();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => app.users.create({ username: 'alice', password: PASSWORD })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('sets passwords for others, which must be changed, and ends their sessions', async () => {
    const app = await start();
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    await app.users.setPassword(user.id, OTHER_PASSWORD, { actorId: 'operator' });
    expect((await client.get('/auth/me')).status).toBe(401);
    expect((await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD })).status).toBe(401);
    const again = await app.signedIn('alice', OTHER_PASSWORD);
    expect((await again.get('/auth/me')).json<{ user: object }>().user).toMatchObject({ mustChangePassword: true });
    const oneTime = await app.users.setOneTimePassword(user.id);
    expect(oneTime).toMatch(/^([a-z2-9]{4}-){5}[a-z2-9]{4}$/);
    expect((await again.get('/auth/me')).status).toBe(401);
    await app.signedIn('alice', oneTime);
    expect(await app.users.endSessions(user.id)).toBe(1);
    expect(await app.sessions.count({ userId: user.id })).toBe(0);
    expect((await app.browser().post(LOGIN, { username: 'alice', password: oneTime })).status).toBe(401);
    expect(app.audit.filter(({ type }) => type === 'password.reset')).toMatchObject([
      { actorId: 'operator' },
      { actorId: null },
    ]);
  });

  it('knows nobody who is not there', async () => {
    const app = await start();
    expect(await app.users.find('nobody')).toBeNull();
    expect(await app.users.find('\u0000')).toBeNull();
    const { users } = app;
    for (const work of [
      () => users.disable('x'),
      () => users.unlock('x'),
      () => users.setRoles('x', []),
      () => users.setOneTimePassword('x'),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: 'user_not_found', problem: { status: 404 } });
    }
  });
});

sharingApps(onOnePlatform)('The audit trail', (start) => {
  it('tells who did what, when, and from where', async () => {
    const app = await start();
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD }, { actorId: 'operator' });
    const client = await app.signedIn();
    await client.post('/auth/reauthenticate', { password: PASSWORD });
    await client.post('/auth/logout');
    await app.browser().post(LOGIN, { username: 'Nobody', password: PASSWORD });
    // More of them than are looked up.
    const tokens = [...'abcde'].map((letter) => `sid=${letter.repeat(22)}.${letter.repeat(43)}`);
    await app.browser({ cookie: tokens.join('; ') }).get('/auth/me');
    // No answer waits for the tokens' entry.
    await until('both refusals are on record', () => app.audit.length === 9);
    const { items } = await app.app.get(AuditService).find({}, { limit: 50 });
    const at = app.clock.now();
    const types = items.map(({ type }) => type).reverse();
    expect([...types.slice(0, 7), ...types.slice(7).sort()]).toEqual([
      'user.created',
      'login.ok',
      'session.renewed',
      'reauthenticated',
      'session.ended',
      'logout',
      'login.failed',
      'access.not_signed_in',
      'session.refused',
    ]);
    expect(items).toContainEqual(
      expect.objectContaining({ type: 'login.ok', at, userId: user.id, ip: '127.0.0.1', detail: 'pwd' }),
    );
    expect(items).toContainEqual(
      expect.objectContaining({ type: 'login.failed', userId: null, username: 'Nobody', detail: 'unknown_user' }),
    );
    expect(items).toContainEqual(expect.objectContaining({ type: 'session.refused', detail: 'duplicate' }));
    expect((await app.app.get(AuditService).find({ userId: user.id, type: 'logout' })).items).toHaveLength(1);
  });

  it('changes no answer where it cannot be written', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const { audit } = app.app.get(AuthStorage);
    audit.append = () => Promise.reject(new Error('the disk is on fire'));
    expect((await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD })).status).toBe(200);
    expect(codeOf(await app.browser().post(LOGIN, { username: 'alice', password: 'wrong' }))).toBe(
      'invalid_credentials',
    );
    expect(app.audit.at(-1)).toMatchObject({ type: 'login.failed' });
  });

  it('lets entries go after their time', async () => {
    const app = await start({ auth: { auditRetention: '30d' } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    app.clock.advance(20 * DAY);
    await app.users.create({ username: 'bob', password: PASSWORD });
    expect(await app.app.get(AuditSweeper).sweep()).toBe(0);
    app.clock.advance(11 * DAY);
    expect(await app.app.get(AuditSweeper).sweep()).toBe(1);
    expect((await app.app.get(AuditService).find()).items).toHaveLength(1);
  });
});
