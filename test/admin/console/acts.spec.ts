import { expect, it } from '@jest/globals';
import { ApiKeys, ApiKeysModule } from 'nest-gatehouse/sessman';
import { SessionStorage } from 'nest-gatehouse/session';
import { sessionAt } from 'nest-gatehouse/testing';
import { LOGIN, PASSWORD, postForm } from '../../auth/support/auth-app.js';
import { until } from '../../support/latch.js';
import { onEveryPlatform, type AdminApp, type StartAdminApp } from '../support/admin-app.js';
import { confirm, formsOf, linkOf, linksOf, textOf, titleOf, visit } from '../support/console-pages.js';
import { sharingApps } from '../../support/apps/combinations.js';

const HTML = { accept: 'text/html' };

async function withUser(start: StartAdminApp, sessions: number) {
  const app = await start({ imports: [ApiKeysModule.forRoot()] });
  const root = await app.signedIn('root', 'admin');
  const { user } = await app.users.create({ username: 'ann', password: PASSWORD });
  const records = Array.from({ length: sessions }, () =>
    sessionAt(app.clock.now() - 60_000, { userId: user.id, username: 'ann', expiresAt: app.clock.now() + 1_800_000 }),
  );
  const { store, index } = app.app.get(SessionStorage);
  for (const record of records) await store.insert(record);
  return { app, root, user, records, store, left: () => index!.count({ userId: user.id }) };
}

const typesOf = ({ audit }: AdminApp) => audit.map(({ type }) => type);
const problemOf = (html: string) => textOf(/role="alert">([^]*?)<\/div>/.exec(html)?.[1] ?? '');

sharingApps(onEveryPlatform)('What is done in the console', (start) => {
  it('ends one session of a list, returns to the list, and tells why it has ended', async () => {
    const { app, root, records, store } = await withUser(start, 2);
    const { handle } = records[0]!;
    const list = await visit(root, '/admin/sessions?user=ann');
    const { href } = linksOf(list.text).find(({ href }) => href.startsWith(`/admin/sessions/${handle}/end`))!;
    const asked = await visit(root, href);
    expect(textOf(asked.text)).toContain('The session of ann ends at once. This cannot be undone.');
    expect(asked.text).toContain('End the session of ann</button>');
    expect(await store.read(handle)).not.toBeNull();
    const done = await confirm(root, href);
    expect([done.status, done.headers.get('location')]).toEqual([303, '/admin/sessions?user=ann&done=session-ended']);
    expect(await store.read(handle)).toBeNull();
    const back = await visit(root, done.headers.get('location')!);
    expect(textOf(back.text)).toContain('The session has ended.');
    expect(back.text).not.toContain(handle);
    const session = await visit(root, `/admin/sessions/${handle}`);
    expect(textOf(session.text)).toContain('Why it ended');
    expect(textOf(session.text)).toMatch(
      /Why it ended It ended at 1 Jan 2040, \d\d:\d\d UTC: the administrator root ended it\./,
    );
    expect((await confirm(root, href)).headers.get('location')).toBe('/admin/sessions?user=ann&done=session-ended');
    expect(app.audit.filter(({ type }) => type === 'session.ended')).toHaveLength(1);
  });

  it('ends many only when their number is typed, and none that came afterwards', async () => {
    const { app, root, records, user, store, left } = await withUser(start, 30);
    const path = linkOf((await visit(root, '/admin/sessions?user=ann')).text, 'End these sessions');
    const asked = await visit(root, path);
    expect(textOf(asked.text)).toContain('30 sessions match: User ann. They end at once.');
    for (const confirmation of ['', '29', 'thirty', '3 1', '30.0']) {
      const refused = await confirm(root, path, { confirmation });
      expect([confirmation, refused.status, await left()]).toEqual([confirmation, 400, 30]);
      expect(problemOf(refused.text)).toContain('What you typed: must be 30');
    }
    expect(typesOf(app)).not.toContain('sessions.ended');
    const form = formsOf(asked.text).find(({ action }) => action === path)!;
    for (const hidden of [
      { matched: '', countedAt: '' },
      { matched: 'x', countedAt: 'y' },
      { matched: '30', countedAt: '' },
    ]) {
      const refused = await postForm(root, path, { ...form.fields, ...hidden, confirmation: '30' }, HTML);
      expect([hidden, refused.status, await left()]).toEqual([hidden, 400, 30]);
    }
    const late = sessionAt(app.clock.now() + 1_000, { userId: user.id, username: 'ann' });
    await store.insert(late);
    app.clock.advance(1_000);
    const done = await postForm(root, path, { ...form.fields, confirmation: '30' }, HTML);
    expect(done.status).toBe(303);
    const job = done.headers.get('location')!;
    await until('the job is done', async () => textOf((await visit(root, job)).text).includes('Done'));
    const page = await visit(root, job);
    expect(textOf(page.text)).toContain('30 of 30 sessions ended.');
    expect(linkOf(page.text, 'Back to the sessions')).toBe('/admin/sessions?user=ann');
    expect([await left(), (await store.read(late.handle))?.handle]).toEqual([1, late.handle]);
    const ended = app.audit.filter(({ type }) => type === 'sessions.ended');
    expect(ended.map(({ detail }) => detail)).toEqual(['user: 30 to end', 'user: 30 of 30 ended']);
    const { handle } = records[0]!;
    expect(textOf((await visit(root, `/admin/sessions/${handle}`)).text)).toContain('Why it ended');
  });

  it('offers nothing to end where nothing matches, and says that all means all', async () => {
    const { root } = await withUser(start, 1);
    const none = await visit(root, '/admin/sessions/end?user=nobody');
    expect(textOf(none.text)).toContain('No session matches, so there is nothing to end.');
    expect(formsOf(none.text).map(({ action }) => action)).toEqual(['/auth/logout']);
    const all = linkOf((await visit(root, '/admin/sessions')).text, 'End all sessions');
    expect(textOf((await visit(root, all)).text)).toContain('every session there is, yours too');
  });

  it('changes an account, and says so on its page', async () => {
    const { app, root, user, left } = await withUser(start, 2);
    const path = `/admin/users/${user.id}`;
    const account = () => app.users.findById(user.id);
    const act = async (name: string, fields: Record<string, string>, words: string) => {
      const done = await confirm(root, `${path}/${name}`, fields);
      expect([name, done.status]).toEqual([name, 303]);
      expect(textOf((await visit(root, done.headers.get('location')!)).text)).toContain(words);
    };
    await act('roles', { roles: ' staff, editor staff ' }, 'The roles were changed.');
    expect((await account())!.roles).toEqual(['staff', 'editor']);
    const refused = await confirm(root, `${path}/end-sessions`, { confirmation: '3' });
    expect([refused.status, await left()]).toEqual([400, 2]);
    await act('end-sessions', { confirmation: '2' }, 'The account’s sessions have ended.');
    expect(await left()).toBe(0);
    await act('disable', {}, 'The account is disabled, and its sessions have ended.');
    expect(await account()).toMatchObject({ disabled: true });
    await act('enable', {}, 'The account is enabled.');
    expect(await account()).toMatchObject({ disabled: false });
    for (let n = 0; n < 6; n++) await app.browser().post(LOGIN, { username: 'ann', password: 'not the one, surely' });
    expect(textOf((await visit(root, path)).text)).toContain('Locked');
    await act('unlock', {}, 'The account is unlocked.');
    expect(textOf((await visit(root, path)).text)).toContain('Active');
    await act('require-password-change', {}, 'A new password is required before anything else.');
    expect(await account()).toMatchObject({ mustChangePassword: true });
    const kept = await confirm(root, `${path}/delete`, { confirmation: 'bob' });
    expect([kept.status, (await account())?.username]).toEqual([400, 'ann']);
    await act('delete', { confirmation: 'ann' }, 'The account is deleted.');
    expect(await account()).toBeNull();
  });

  it('adds a user whose password is shown once, and keeps the last administrator', async () => {
    const { app, root } = await withUser(start, 0);
    const taken = await confirm(root, '/admin/users/new', { username: 'ANN', roles: 'staff' });
    expect([taken.status, formsOf(taken.text).at(-1)!.fields]).toMatchObject([
      409,
      { username: 'ANN', roles: 'staff' },
    ]);
    const made = await confirm(root, '/admin/users/new', { username: 'bob', roles: 'staff' });
    expect([made.status, titleOf(made.text), made.headers.get('cache-control')]).toEqual([
      200,
      'bob was added',
      'no-store',
    ]);
    const [password] = /([a-z2-9]{4}-){5}[a-z2-9]{4}/.exec(made.text)!;
    expect((await app.browser().post(LOGIN, { username: 'bob', password })).status).toBe(200);
    const { id } = (await app.users.find('root'))!;
    for (const [name, fields] of [
      ['disable', {}],
      ['roles', { roles: '' }],
      ['delete', { confirmation: 'root' }],
    ] as const) {
      const refused = await confirm(root, `/admin/users/${id}/${name}`, fields);
      expect([name, refused.status, problemOf(refused.text)]).toEqual([
        name,
        409,
        expect.stringContaining('last_administrator'),
      ]);
    }
    expect(await app.users.findById(id)).toMatchObject({ roles: ['admin'], disabled: false });
  });

  it('issues an API key that works, rotates it with an overlap, and revokes it', async () => {
    const { app, root } = await withUser(start, 0);
    const keys = app.app.get(ApiKeys);
    const secretOf = (html: string) => /id="secret" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const refused = await confirm(root, '/admin/api-keys/new', { namespace: 'Not One' });
    expect([refused.status, problemOf(refused.text)]).toEqual([400, expect.stringContaining('Namespace: ')]);
    const made = await confirm(root, '/admin/api-keys/new', { namespace: 'shop', scopes: 'sessions:read' });
    const first = secretOf(made.text);
    expect(await keys.authenticate(first)).toMatchObject({ namespace: 'shop', scopes: ['sessions:read'] });
    const { id } = (await keys.list({ limit: 1 })).items[0]!;
    const rotated = await confirm(root, `/admin/api-keys/${id}/rotate`, { overlap: '1h' });
    const second = secretOf(rotated.text);
    expect(second).not.toBe(first);
    for (const key of [first, second]) expect(await keys.authenticate(key)).toMatchObject({ id });
    const gone = await confirm(root, `/admin/api-keys/${id}/revoke`);
    expect(gone.headers.get('location')).toBe('/admin/api-keys?done=revoked');
    for (const key of [first, second]) expect(await keys.authenticate(key)).toBeNull();
    const list = await visit(root, '/admin/api-keys?done=revoked');
    expect(textOf(list.text)).toContain('The key is revoked. There is no API key.');
    expect(list.text).not.toContain(second);
    expect(typesOf(app)).toEqual(expect.arrayContaining(['api_key.created', 'api_key.rotated', 'api_key.revoked']));
  });

  it('extends a session', async () => {
    const { app, root, records, store } = await withUser(start, 1);
    const { handle, idleExpiresAt } = records[0]!;
    const path = `/admin/sessions/${handle}`;
    const form = formsOf((await visit(root, path)).text).find(({ action }) => action === `${path}/extend`)!;
    const done = await postForm(root, form.action, form.fields, HTML);
    expect([done.status, done.headers.get('location')]).toEqual([303, `${path}?done=extended`]);
    expect((await store.read(handle))!.idleExpiresAt).toBeGreaterThan(idleExpiresAt);
    expect(textOf((await visit(root, `${path}?done=extended`)).text)).toContain('The session was extended.');
    await app.sessions.end(handle);
    const refused = await postForm(root, form.action, form.fields, HTML);
    expect([refused.status, problemOf(refused.text)]).toEqual([409, expect.stringContaining('session_ended')]);
    expect(textOf(refused.text)).toContain('Why it ended');
    expect(refused.text).not.toContain('/extend');
  });
});
