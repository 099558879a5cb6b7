import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HitsModule } from 'nest-gatehouse/hits';
import { ApiKeys, ApiKeysModule } from 'nest-gatehouse/sessman';
import { SessionStorage } from 'nest-gatehouse/session';
import { sessionAt } from 'nest-gatehouse/testing';
import { LOGIN, PASSWORD } from '../../auth/support/auth-app.js';
import { until } from '../../support/latch.js';
import { onEveryPlatform, type StartAdminApp } from '../support/admin-app.js';
import { confirm, formsOf, SECTIONS, textOf, titleOf, visit } from '../support/console-pages.js';
import { sharingApps } from '../../support/apps/combinations.js';

const MARKUP = `<script>alert(1)</script>"'&<img src=x onerror=alert(2)>`;

/** Somebody whose name, device, address and data are all markup. */
async function haunted(start: StartAdminApp) {
  const app = await start({
    imports: [ApiKeysModule.forRoot(), HitsModule.forRoot()],
    admin: { showValues: true },
  });
  const root = await app.signedIn('root', 'admin');
  const { user } = await app.users.create({ username: MARKUP, password: PASSWORD, roles: ['staff'] });
  const { store } = app.app.get(SessionStorage);
  const record = sessionAt(app.clock.now(), {
    ...{ userId: user.id, username: MARKUP, userAgent: MARKUP, ip: '192.0.2.1', label: MARKUP },
    data: JSON.stringify({ [MARKUP]: MARKUP }),
  });
  await store.insert(record);
  await app.browser({ 'user-agent': MARKUP }).post(LOGIN, { username: MARKUP, password: 'not the one, surely' });
  await app.browser().post(LOGIN, { username: `${MARKUP}?`, password: 'not the one, surely' });
  await app.app.get(ApiKeys).create({ namespace: 'shop', scopes: ['sessions:read'] });
  return { app, root, user, record };
}

/** Markup that no template has written: an element, or an attribute that ended early. */
const intruders = (html: string) => html.match(/<script>|<img|onerror="|"'&(?!quot|#39|amp|lt|gt)/g);

sharingApps(onEveryPlatform)('The console shows what others have written', (start) => {
  it('as text, on every page', async () => {
    const { app, root, user, record } = await haunted(start);
    const encoded = encodeURIComponent(MARKUP);
    const paths = [
      ...SECTIONS,
      `/admin/sessions/${record.handle}`,
      `/admin/sessions/${record.handle}/end?from=list&user=${encoded}`,
      `/admin/sessions?user=${encoded}`,
      `/admin/sessions/end?user=${encoded}`,
      `/admin/users/${user.id}`,
      ...['roles', 'disable', 'delete', 'unlock'].map((name) => `/admin/users/${user.id}/${name}`),
      `/admin/users?prefix=${encoded}`,
      `/admin/audit?user=${encoded}`,
    ];
    const seen: string[] = [];
    for (const path of paths) {
      const { status, text } = await visit(root, path);
      expect([path, status, intruders(text)]).toEqual([path, 200, null]);
      if (textOf(text).includes(MARKUP)) seen.push(path);
    }
    expect(seen).toEqual(expect.arrayContaining(paths.filter((path) => path.includes(user.id))));
    expect(seen).toEqual(expect.arrayContaining(['/admin/users', '/admin/sessions', '/admin/audit']));
    expect(titleOf((await visit(root, `/admin/users/${user.id}`)).text)).toBe(MARKUP);
    await app.sessions.end(record.handle);
    const path = `/admin/sessions/${record.handle}`;
    await until('its end is on record', async () => (await visit(root, path)).status === 200);
    expect(intruders((await visit(root, path)).text)).toBeNull();
    const deleted = await confirm(root, `/admin/users/${user.id}/delete`, { confirmation: MARKUP });
    expect([deleted.status, deleted.headers.get('location')]).toEqual([303, '/admin/users?done=deleted']);
  });

  it('as text in every field that was typed', async () => {
    const { root } = await haunted(start);
    const typed = await confirm(root, '/admin/api-keys/new', { namespace: MARKUP, owner: MARKUP, expiresAt: MARKUP });
    expect([typed.status, intruders(typed.text)]).toEqual([400, null]);
    expect(formsOf(typed.text).at(-1)!.fields).toMatchObject({ namespace: MARKUP, owner: MARKUP });
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const { status, text } = await visit(root, `/admin/sessions?${name}=${encodeURIComponent(MARKUP)}&done=${name}`);
      expect([name, status, intruders(text), text.includes('class="notice"')]).toEqual([name, 200, null, false]);
    }
  });

  it('and answers any query with a page', async () => {
    const { root } = await haunted(start);
    const names = [
      'user',
      'userPrefix',
      'ip',
      'device',
      'namespace',
      'state',
      'sort',
      'createdAfter',
      'limit',
      'cursor',
    ];
    const others = ['type', 'actor', 'handle', 'from', 'prefix', 'range', 'done', 'total'];
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(MARKUP, '\0', '🙂'.repeat(300)),
    );
    const query = fc.array(fc.tuple(fc.constantFrom(...names, ...others), value), { minLength: 1, maxLength: 4 });
    const path = fc.constantFrom('/sessions', '/sessions/end', '/users', '/audit', '/hits', '/api-keys', '');
    await fc.assert(
      fc.asyncProperty(path, query, async (section, fields) => {
        const { status, text } = await visit(root, `/admin${section}?${new URLSearchParams(fields).toString()}`);
        expect([200, 400]).toContain(status);
        expect(titleOf(text)).not.toBe('');
        expect(intruders(text)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });
});
