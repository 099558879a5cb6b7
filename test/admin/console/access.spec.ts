import { expect, it } from '@jest/globals';
import { HitsModule } from 'nest-gatehouse/hits';
import { ApiKeys, ApiKeysModule } from 'nest-gatehouse/sessman';
import { SessionStorage } from 'nest-gatehouse/session';
import { sessionAt } from 'nest-gatehouse/testing';
import { LOGIN, PASSWORD, postForm } from '../../auth/support/auth-app.js';
import { MINUTE } from '../../support/apps/fake-clock.js';
import { onEveryPlatform, type AdminApp, type StartAdminApp } from '../support/admin-app.js';
import { confirm, formsOf, linksOf, SECTIONS, textOf, titleOf, tokenOf, visit } from '../support/console-pages.js';
import { sharingApps } from '../../support/apps/combinations.js';

const HTML = { accept: 'text/html' };
const REAUTHENTICATE = '/auth/reauthenticate';
const UNKNOWN = 'a'.repeat(22);

/** Everything there is, with a session, a user and a key that each path can name. */
async function furnished(start: StartAdminApp) {
  const app = await start({ imports: [ApiKeysModule.forRoot(), HitsModule.forRoot()] });
  const root = await app.signedIn('root', 'admin');
  const ann = await app.users.create({ username: 'ann', password: PASSWORD });
  const { store } = app.app.get(SessionStorage);
  const record = sessionAt(app.clock.now(), { userId: ann.user.id, username: 'ann' });
  await store.insert(record);
  const { id: key } = await app.app.get(ApiKeys).create({ namespace: 'shop', scopes: ['sessions:read'] });
  const [session, user] = [`/admin/sessions/${record.handle}`, `/admin/users/${ann.user.id}`];
  const actions = [
    '/admin/sessions/end?user=ann&state=signed-in',
    `${session}/end?from=list&user=ann`,
    '/admin/users/new',
    ...['disable', 'enable', 'unlock', 'roles', 'require-password-change', 'end-sessions', 'delete'].map(
      (name) => `${user}/${name}`,
    ),
    '/admin/api-keys/new',
    ...['rotate', 'revoke'].map((name) => `/admin/api-keys/${key}/${name}`),
  ];
  return { app, root, record, ann: ann.user, key, actions, pages: [...SECTIONS, session, user] };
}

/** What the forms could have changed, as the stores have it. */
async function stateOf({ app }: AdminApp) {
  const users = await app.get(SessionStorage).index!.count({});
  const keys = await app.get(ApiKeys).list({ limit: 10 });
  return JSON.stringify([users, keys.items]);
}

sharingApps(onEveryPlatform)('The console', (start) => {
  it('has a page for each section, which says where it is and leads to all others', async () => {
    const { root, pages } = await furnished(start);
    for (const path of pages) {
      const page = await visit(root, path);
      expect([path, page.status, page.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8']);
      expect([path, page.text.match(/<h1/g)]).toEqual([path, ['<h1']]);
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(linksOf(page.text).map(({ href }) => href)).toEqual(expect.arrayContaining(SECTIONS));
      expect([path, page.text.match(/aria-current="page"/g)?.length]).toEqual([path, 2]);
    }
    const titles = await Promise.all(SECTIONS.map(async (path) => titleOf((await visit(root, path)).text)));
    expect(titles).toEqual(['Overview', 'Sessions', 'Users', 'API keys', 'Hits', 'Audit trail', 'Policy', 'Doctor']);
  });

  it('sends a stranger to the sign-in form, and back to the same place', async () => {
    const { app, pages, actions } = await furnished(start);
    const stranger = app.browser();
    for (const path of [...pages, ...actions]) {
      const answer = await visit(stranger, path);
      const location = `/login?next=${encodeURIComponent(path)}`;
      expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 303, location]);
    }
    for (const path of actions) expect([path, (await postForm(stranger, path, {}, HTML)).status]).toEqual([path, 401]);
    const next = '/admin/sessions?user=a+b%26c&sort=-lastSeenAt';
    const form = formsOf((await visit(stranger, `/login?next=${encodeURIComponent(next)}`)).text)[0]!;
    const answer = await postForm(stranger, LOGIN, { ...form.fields, username: 'root', password: PASSWORD });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, next]);
  });

  it('is for administrators alone', async () => {
    const { app, pages, actions } = await furnished(start);
    const ann = await app.signedIn('ann');
    const before = await stateOf(app);
    const fields = { _csrf: await tokenOf(ann), roles: 'admin', confirmation: 'ann' };
    for (const path of [...pages, ...actions]) {
      const answer = await visit(ann, path);
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.text).not.toContain('shop');
    }
    for (const path of actions) expect([path, (await postForm(ann, path, fields)).status]).toEqual([path, 403]);
    expect(await stateOf(app)).toBe(before);
    expect(await app.users.find('ann')).toMatchObject({ roles: [], disabled: false });
  });

  it('does nothing without the token of its forms', async () => {
    const { app, root, record, actions } = await furnished(start);
    const before = await stateOf(app);
    for (const path of [...actions, `/admin/sessions/${record.handle}/extend`]) {
      for (const token of [{}, { _csrf: 'x' }] as Record<string, string>[]) {
        const answer = await postForm(root, path, { ...token, confirmation: 'ann', roles: 'x' });
        expect([path, token, answer.status]).toEqual([path, token, 403]);
      }
    }
    expect(await stateOf(app)).toBe(before);
    expect(await app.users.find('ann')).toMatchObject({ roles: [], disabled: false });
  });

  it('asks for the password again before anything changes, and comes back to the same place', async () => {
    const { app, root, record, actions } = await furnished(start);
    const token = await tokenOf(root);
    app.clock.advance(16 * MINUTE);
    const before = await stateOf(app);
    for (const path of actions) {
      const location = `/reauthenticate?next=${encodeURIComponent(path)}`;
      const asked = await visit(root, path);
      expect([path, asked.status, asked.headers.get('location')]).toEqual([path, 303, location]);
      const sent = await postForm(root, path, { _csrf: token, confirmation: 'ann' }, HTML);
      expect([path, sent.status, sent.headers.get('location')]).toEqual([path, 303, location]);
    }
    expect(await stateOf(app)).toBe(before);
    const path = `/admin/sessions/${record.handle}/end?from=list&user=ann`;
    const form = formsOf((await visit(root, `/reauthenticate?next=${encodeURIComponent(path)}`)).text).find(
      ({ action }) => action === REAUTHENTICATE,
    )!;
    const answer = await postForm(root, REAUTHENTICATE, { ...form.fields, password: PASSWORD }, HTML);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, path]);
    const ended = await confirm(root, path);
    expect(ended.headers.get('location')).toBe('/admin/sessions?user=ann&done=session-ended');
    expect(await app.app.get(SessionStorage).store.read(record.handle)).toBeNull();
  });

  it('answers 404 for what is not there, as a page with a way on', async () => {
    const { root, ann } = await furnished(start);
    for (const [path, code] of [
      [`/admin/sessions/${UNKNOWN}`, 'session_not_found'],
      ['/admin/sessions/%3Cscript%3E', 'session_not_found'],
      [`/admin/sessions/${UNKNOWN}/end`, 'session_not_found'],
      [`/admin/sessions/jobs/${UNKNOWN}`, 'job_not_found'],
      ['/admin/users/nobody', 'user_not_found'],
      ['/admin/users/nobody/delete', 'user_not_found'],
      ['/admin/api-keys/nokey/rotate', 'api_key_not_found'],
      ['/admin/api-keys/nokey/revoke', 'api_key_not_found'],
    ] as const) {
      const page = await visit(root, path);
      expect([path, page.status, page.headers.get('content-type')]).toEqual([path, 404, 'text/html; charset=utf-8']);
      expect(textOf(page.text)).toContain(code);
      expect(linksOf(page.text).map(({ href }) => href)).toEqual(expect.arrayContaining(SECTIONS));
    }
    for (const name of ['constructor', '__proto__', 'erase']) {
      const page = await visit(root, `/admin/users/${ann.id}/${name}`);
      expect([name, page.status]).toEqual([name, 404]);
    }
  });

  it('says which module is missing', async () => {
    const app = await start();
    const root = await app.signedIn('root', 'admin');
    for (const [path, module] of [
      ['/admin/api-keys', 'ApiKeysModule'],
      ['/admin/hits', 'HitsModule'],
    ] as const) {
      const page = await visit(root, path);
      expect([path, page.status]).toEqual([path, 404]);
      expect(textOf(page.text)).toContain(module);
    }
  });
});
