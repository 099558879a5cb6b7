import { Injectable, Module } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import { PersonalData, type PersonalDataSubject } from 'nest-gatehouse/admin';
import { ApiKeys, ApiKeysModule } from 'nest-gatehouse/sessman';
import { SessionStorage } from 'nest-gatehouse/session';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { codeOf, LOGIN, PASSWORD } from '../auth/support/auth-app.js';
import { trailOf } from '../auth/support/audit-trail.js';
import { onOnePlatform, type AdminApp } from './support/admin-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const PATH = '/admin/api/users';
type Client = Awaited<ReturnType<AdminApp['signedIn']>>;

interface Page {
  readonly items: { readonly username: string }[];
  readonly next: string | null;
}

function send(client: Client, method: string, path: string, body?: object) {
  const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return client.request(method, path, body ? json : {});
}

/** What the application itself keeps. */
@Injectable()
class Orders extends PersonalData {
  readonly kept = new Map<string, string[]>();
  isDown = false;

  override export({ id }: PersonalDataSubject): unknown {
    return { orders: this.kept.get(id) ?? [] };
  }

  override erase({ id }: PersonalDataSubject): void {
    if (this.isDown) throw new Error('the orders cannot be reached');
    this.kept.delete(id);
  }
}

@Module({ providers: [Orders, { provide: PersonalData, useExisting: Orders }], exports: [PersonalData, Orders] })
class OrdersModule {}

sharingApps(onOnePlatform)('Accounts, to an administrator', (start) => {
  it('are made with a one-time password that is shown once', async () => {
    const app = await start();
    const root = await app.signedIn('root', 'admin');
    const answer = await root.post(PATH, { username: 'Ann', roles: ['staff'] });
    const made = answer.json<{ id: string; oneTimePassword: string }>();
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(made).toEqual({
      id: expect.any(String),
      username: 'Ann',
      roles: ['staff'],
      disabled: false,
      mustChangePassword: true,
      oneTimePassword: expect.stringMatching(/^([a-z2-9]{4}-){5}[a-z2-9]{4}$/),
    });
    const ann = app.browser();
    expect((await ann.post(LOGIN, { username: 'ann', password: made.oneTimePassword })).status).toBe(200);
    expect((await root.get(`${PATH}/${made.id}`)).text).not.toContain(made.oneTimePassword);
    for (const [body, status, code] of [
      [{ username: 'ANN' }, 409, 'username_taken'],
      [{ username: '' }, 400, 'username_invalid'],
      [{}, 400, 'username_missing'],
      [{ username: 'x', roles: 'admin' }, 400, 'roles_invalid'],
      [{ username: 'x', roles: ['a b'] }, 400, 'roles_invalid'],
      [{ username: 'x', password: 'x' }, 400, 'body_invalid'],
    ] as const) {
      const refused = await root.post(PATH, body);
      expect([body, refused.status, codeOf(refused)]).toEqual([body, status, code]);
    }
  });

  it('are listed in pages, by a prefix, and shown one by one', async () => {
    const app = await start();
    const root = await app.signedIn('root', 'admin');
    for (const username of ['anna', 'ann', 'bob', 'annette']) await app.users.create({ username, password: PASSWORD });
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = (await root.get(`${PATH}?limit=2${cursor && `&cursor=${cursor}`}`)).json<Page>();
      names.push(...page.items.map(({ username }) => username));
      cursor = page.next;
    }
    expect(names).toEqual(['ann', 'anna', 'annette', 'bob', 'root']);
    const some = (await root.get(`${PATH}?prefix=ANN`)).json<{ items: { id: string; username: string }[] }>();
    expect(some.items.map(({ username }) => username)).toEqual(['ann', 'anna', 'annette']);
    expect(codeOf(await root.get(`${PATH}?cursor=x`))).toBe('cursor_invalid');

    await app.signedIn('ann');
    await app.browser().post(LOGIN, { username: 'ann', password: 'not the one, surely' });
    const shown = (await root.get(`${PATH}/${some.items[0]!.id}`)).json();
    expect(shown).toMatchObject({ username: 'ann', sessions: 1, failures: 1, blockedUntil: null, disabled: false });
    expect(JSON.stringify(shown)).not.toMatch(/hash|\$2/);
    expect(codeOf(await root.get(`${PATH}/nobody`))).toBe('user_not_found');
  });

  it('are disabled and enabled, given roles, unlocked, and told to change the password', async () => {
    const app = await start();
    const root = await app.signedIn('root', 'admin');
    const ann = await app.signedIn('ann');
    const { id } = (await app.users.find('ann'))!;
    const handle = ann.cookies.get('sid')!.slice(0, 22);
    const { store } = app.app.get(SessionStorage);

    expect((await send(root, 'PATCH', `${PATH}/${id}`, { disabled: true })).json()).toMatchObject({ disabled: true });
    expect(await store.read(handle)).toBeNull();
    await send(root, 'PATCH', `${PATH}/${id}`, { disabled: true });
    expect(app.audit.filter(({ type }) => type === 'user.disabled')).toHaveLength(1);
    const changed = await send(root, 'PATCH', `${PATH}/${id}`, { disabled: false, roles: ['staff', 'editor'] });
    expect(changed.json()).toMatchObject({ disabled: false, roles: ['staff', 'editor'] });
    await send(root, 'PATCH', `${PATH}/${id}`, { roles: ['editor', 'staff'] });
    expect(app.audit.filter(({ type }) => type === 'user.roles_changed')).toHaveLength(1);

    for (let n = 0; n < 6; n++) await app.browser().post(LOGIN, { username: 'ann', password: 'not the one, surely' });
    expect((await root.get(`${PATH}/${id}`)).json()).toMatchObject({ blockedUntil: expect.stringMatching(/Z$/) });
    expect((await send(root, 'POST', `${PATH}/${id}/unlock`)).status).toBe(200);
    expect((await root.get(`${PATH}/${id}`)).json()).toMatchObject({ failures: 0, blockedUntil: null });

    const required = await send(root, 'POST', `${PATH}/${id}/require-password-change`);
    expect(required.json()).toMatchObject({ mustChangePassword: true });
    await app.signedIn('ann');
    expect((await send(root, 'DELETE', `${PATH}/${id}/sessions`)).json()).toEqual({ ended: 1 });
    expect((await send(root, 'DELETE', `${PATH}/${id}/sessions`)).json()).toEqual({ ended: 0 });
    for (const [body, code] of [
      [{}, 'roles_missing'],
      [{ roles: ['a', 'a'] }, 'roles_invalid'],
      [{ disabled: 'yes' }, 'disabled_invalid'],
    ] as const)
      expect(codeOf(await send(root, 'PATCH', `${PATH}/${id}`, body))).toBe(code);
  });

  it('never lose the last administrator, and nothing is half done', async () => {
    const app = await start();
    const root = await app.signedIn('root', 'admin');
    const { id } = (await app.users.find('root'))!;
    for (const [method, body] of [
      ['PATCH', { disabled: true }],
      ['PATCH', { roles: [] }],
      ['PATCH', { roles: ['staff'], disabled: true }],
      ['DELETE', undefined],
    ] as const) {
      const refused = await send(root, method, `${PATH}/${id}`, body);
      expect([refused.status, codeOf(refused)]).toEqual([409, 'last_administrator']);
    }
    expect(await app.users.findById(id)).toMatchObject({ roles: ['admin'], disabled: false });
    expect((await root.get('/auth/me')).status).toBe(200);
  });

  it('are exported whole', async () => {
    const app = await start({ imports: [OrdersModule, ApiKeysModule.forRoot()], admin: { imports: [OrdersModule] } });
    const root = await app.signedIn('root', 'admin');
    const ann = await app.signedIn('ann');
    const { id } = (await app.users.find('ann'))!;
    app.app.get(Orders).kept.set(id, ['a book']);
    const { session } = await app.sessions.createForUser(id, { data: { cart: ['tea'] } });
    const answer = await root.get(`${PATH}/${id}/export`);
    expect(answer.json()).toMatchObject({
      account: { id, username: 'ann', roles: [] },
      sessions: expect.arrayContaining([
        expect.objectContaining({ handle: session.handle, data: { cart: ['tea'] } }),
        expect.objectContaining({ handle: ann.cookies.get('sid')!.slice(0, 22) }),
      ]),
      auditTrail: { about: expect.arrayContaining([expect.objectContaining({ type: 'login.ok' })]) },
      application: { orders: ['a book'] },
    });
    expect(answer.text).not.toMatch(/\$2[aby]\$|secretHash|passwordHash/);
    expect(answer.text).not.toContain(ann.cookies.get('sid')!.slice(23));
    expect(app.audit.at(-1)).toMatchObject({ type: 'user.exported', userId: id });
  });

  it('are deleted with all that belongs to them, and no store holds the id', async () => {
    const app = await start({ imports: [OrdersModule, ApiKeysModule.forRoot()], admin: { imports: [OrdersModule] } });
    const root = await app.signedIn('root', 'admin');
    await app.users.create({ username: 'ann', password: PASSWORD });
    const owners = app.app.get(ApiKeys);
    const ann = await app.signedIn('ann');
    const { id } = (await app.users.find('ann'))!;
    const orders = app.app.get(Orders);
    orders.kept.set(id, ['a book']);
    const handle = ann.cookies.get('sid')!.slice(0, 22);

    orders.isDown = true;
    expect((await send(root, 'DELETE', `${PATH}/${id}`)).status).toBe(500);
    expect(await app.users.findById(id)).toMatchObject({ disabled: true });
    orders.isDown = false;
    expect((await send(root, 'DELETE', `${PATH}/${id}`)).status).toBe(204);
    expect(codeOf(await send(root, 'DELETE', `${PATH}/${id}`))).toBe('user_not_found');

    const { store, index } = app.app.get(SessionStorage);
    const { users, ends } = app.app.get(AuthStorage);
    expect(await store.read(handle)).toBeNull();
    expect(await index!.userEpoch(id)).toBe(0);
    expect(await users.findById(id)).toBeNull();
    expect(await ends.begunBy(app.clock.now() + 1, 10)).toEqual([]);
    expect(orders.kept.has(id)).toBe(false);
    expect((await owners.list({ limit: 10 })).items).toEqual([]);
    const trail = JSON.stringify(await trailOf(app));
    expect(trail).not.toContain(id);
    expect(trail).not.toContain('"ann"');

    const deleted = (await root.get('/admin/api/audit?type=user.deleted')).json<{ items: { user: string }[] }>();
    const pseudonym = deleted.items[0]!.user;
    expect(pseudonym).toMatch(/^gone-[\w-]{12}$/);
    const found = (await root.get(`/admin/api/audit?user=${pseudonym}&limit=200`)).json<{
      items: { type: string }[];
    }>();
    expect(found.items.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['login.ok', 'session.ended', 'user.deleted']),
    );
  });
});
