import { expect, it } from '@jest/globals';
import { ApiKeys, ApiKeysModule, SessmanModule } from 'nest-gatehouse/sessman';
import { codeOf, LOGIN, PASSWORD } from '../auth/support/auth-app.js';
import { MINUTE } from '../support/apps/fake-clock.js';
import { onOnePlatform, type AdminApp } from './support/admin-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const PATH = '/admin/api/audit';

interface Page {
  readonly items: Entry[];
  readonly next: string | null;
}

interface Entry {
  readonly id: string;
  readonly type: string;
  readonly user: string | null;
  readonly actor: string | null;
}

async function history(app: AdminApp) {
  const root = await app.signedIn('root', 'admin');
  const ann = await app.signedIn('ann');
  app.clock.advance(MINUTE);
  await app.browser({ 'user-agent': 'Guesser/1' }).post(LOGIN, { username: 'ann', password: 'not the one, surely' });
  await app.browser().post(LOGIN, { username: 'ghost', password: 'not the one, surely' });
  app.clock.advance(MINUTE);
  await root.request('DELETE', `/admin/api/sessions/${ann.cookies.get('sid')!.slice(0, 22)}`);
  return { root, handle: ann.cookies.get('sid')!.slice(0, 22) };
}

sharingApps(onOnePlatform)('GET /admin/api/audit', (start) => {
  it('finds entries by each condition, with names beside ids', async () => {
    const app = await start();
    const { root, handle } = await history(app);
    const list = async (query: string) => (await root.get(`${PATH}?${query}`)).json<{ items: Entry[] }>().items;
    const [end] = await list('type=session.ended');
    const annId = (await app.users.find('ann'))!.id;
    expect(end).toEqual({
      id: expect.any(String),
      at: new Date(app.clock.now()).toISOString(),
      type: 'session.ended',
      actor: 'root',
      actorId: (await app.users.find('root'))!.id,
      user: 'ann',
      userId: annId,
      username: null,
      handle,
      ip: '127.0.0.1',
      device: null,
      userAgent: expect.any(String),
      detail: 'administrator',
    });
    const types = async (query: string) => (await list(query)).map(({ type }) => type);
    expect(await types('user=ANN')).toEqual(['session.ended', 'login.failed', 'login.ok', 'user.created']);
    expect(await types('actor=root')).toEqual(['session.ended', 'login.ok']);
    expect(await types(`handle=${handle}`)).toEqual(['session.ended', 'login.ok']);
    expect(await types('ip=127.0.0.1&type=login.failed')).toEqual(['login.failed', 'login.failed']);
    expect(await types('ip=192.0.2.1')).toEqual([]);
    expect(await types('user=nobody')).toEqual([]);
    const minuteAgo = new Date(app.clock.now() - MINUTE).toISOString();
    expect(await types(`from=${minuteAgo}`)).toEqual(['session.ended', 'login.failed', 'login.failed']);
    expect(await types(`from=${minuteAgo}&to=${new Date(app.clock.now()).toISOString()}`)).toEqual([
      'login.failed',
      'login.failed',
    ]);
    for (const [query, code] of [
      ['type=nonsense', 'type_invalid'],
      ['ip=nonsense', 'ip_invalid'],
      ['from=1', 'from_invalid'],
      ['cursor=x', 'cursor_invalid'],
      ['limit=1000', 'limit_invalid'],
    ] as const)
      expect([query, codeOf(await root.get(`${PATH}?${query}`))]).toEqual([query, code]);
  });

  it('pages, and streams the same as lines of JSON', async () => {
    const app = await start();
    const { root } = await history(app);
    const { id } = (await app.users.find('ann'))!;
    await Promise.all(Array.from({ length: 450 }, () => app.users.unlock(id)));
    const all: Entry[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = (await root.get(`${PATH}?limit=100${cursor && `&cursor=${cursor}`}`)).json<Page>();
      all.push(...page.items);
      cursor = page.next;
    }
    expect(all.length).toBeGreaterThan(450);
    const answer = await root.get('/admin/api/audit.jsonl');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      200,
      'application/jsonl; charset=utf-8',
      'no-store',
    ]);
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry);
    expect(lines).toEqual(all);
    const some = await root.get('/admin/api/audit.jsonl?type=login.failed');
    expect(some.text.split('\n').filter(Boolean)).toHaveLength(2);
    expect(codeOf(await root.get('/admin/api/audit.jsonl?type=x'))).toBe('type_invalid');
  });
});

sharingApps(onOnePlatform)('API keys, to an administrator', (start) => {
  it('are made, listed, rotated and revoked, each on record with who did it', async () => {
    const app = await start({ imports: [ApiKeysModule.forRoot()] });
    const root = await app.signedIn('root', 'admin');
    const made = await root.post('/admin/api/api-keys', { namespace: 'shop', scopes: ['sessions:read'] });
    const { id, key } = made.json<{ id: string; key: string }>();
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(key).toMatch(new RegExp(`^gh_${id}_`));
    const list = await root.get('/admin/api/api-keys');
    expect(list.json()).toMatchObject({ items: [{ id, namespace: 'shop', scopes: ['sessions:read'] }], next: null });
    expect(list.text).not.toContain(key);
    const rotated = await root.post(`/admin/api/api-keys/${id}/rotate`, { overlap: '1h' });
    expect([rotated.status, rotated.json<{ key: string }>().key === key]).toEqual([200, false]);
    expect((await root.request('DELETE', `/admin/api/api-keys/${id}`)).status).toBe(204);
    expect(codeOf(await root.request('DELETE', `/admin/api/api-keys/${id}`))).toBe('api_key_not_found');
    const rootId = (await app.users.find('root'))!.id;
    expect(app.audit.filter(({ type }) => type.startsWith('api_key.'))).toMatchObject(
      ['created', 'rotated', 'revoked'].map((act) => ({
        type: `api_key.${act}`,
        actorId: rootId,
        ip: '127.0.0.1',
        detail: `${id} in shop`,
      })),
    );
    for (const [body, code] of [
      [{}, 'namespace_missing'],
      [{ namespace: 'shop', scopes: ['all'] }, 'scopes_invalid'],
      [{ namespace: 'shop', scopes: ['sessions:read'], owner: 'nobody' }, 'owner_invalid'],
    ] as const)
      expect(codeOf(await root.post('/admin/api/api-keys', body))).toBe(code);
  });

  it('are not there where the application keeps none', async () => {
    const app = await start();
    const root = await app.signedIn('root', 'admin');
    const answer = await root.get('/admin/api/api-keys');
    expect([answer.status, codeOf(answer)]).toEqual([404, 'not_installed']);
  });
});

sharingApps(onOnePlatform)('GET /admin/api/policy', (start) => {
  it('says what is in force, and what of it the application has chosen', async () => {
    const app = await start({
      session: { idleTimeout: '90m', cookie: { sameSite: 'strict' } },
      auth: { hardLimit: 50 },
    });
    const root = await app.signedIn('root', 'admin');
    const { items } = (await root.get('/admin/api/policy')).json<{
      items: { name: string; value: unknown; source: string }[];
    }>();
    const of = (name: string) => items.find((item) => item.name === name);
    expect(of('session.idleTimeout')).toEqual({ name: 'session.idleTimeout', value: '90m', source: 'code' });
    expect(of('session.absoluteTimeout')).toMatchObject({ value: '12h', source: 'default' });
    expect(of('session.cookie.sameSite')).toMatchObject({ value: 'strict', source: 'code' });
    expect(of('session.cookie.httpOnly')).toMatchObject({ value: true, source: 'default' });
    expect(of('auth.hardLimit')).toMatchObject({ value: 50, source: 'code' });
    expect(of('auth.maxSessionsPerUser')).toMatchObject({ value: 10, source: 'default' });
    expect(JSON.stringify(items)).not.toContain(PASSWORD);
  });

  it('are on record each time one is refused: which, why and from where, never the secret, and no flood of them', async () => {
    const app = await start({ imports: [SessmanModule.forRoot({ requestsPerMinute: 0 })] });
    const keys = app.app.get(ApiKeys, { strict: false });
    const scopes = ['sessions:read'] as const;
    const good = await keys.create({ namespace: 'shop', scopes });
    const expiresAt = new Date(app.clock.now() + MINUTE).toISOString();
    const expiring = await keys.create({ namespace: 'shop', scopes, expiresAt });
    const revoked = await keys.create({ namespace: 'shop', scopes });
    await keys.revoke(revoked.id);
    app.clock.advance(MINUTE);
    const ask = (key: string) =>
      app.browser({ authorization: `Bearer ${key}`, 'user-agent': 'Guesser/1' }).post('/sessman/new?userid=ann');
    const nobodys = '0'.repeat(20);
    const wrong = `gh_${good.id}_${'A'.repeat(43)}`;
    const cases: [key: string, status: number, detail: string][] = [
      [`gh_${nobodys}_${good.key.slice(-43)}`, 401, `unknown ${nobodys}`],
      [wrong, 401, `wrong_secret ${good.id} in shop`],
      [expiring.key, 401, `expired ${expiring.id} in shop`],
      [revoked.key, 401, `unknown ${revoked.id}`],
      [good.key, 403, `scope ${good.id} in shop`],
    ];
    for (const [key, status] of cases) expect((await ask(key)).status).toBe(status);
    // Of no shape that a key has, so there is no id to name.
    expect((await ask('gh_x')).status).toBe(401);
    const refused = () => app.audit.filter(({ type }) => type === 'api_key.refused');
    const from = { actorId: null, userId: null, ip: '127.0.0.1', userAgent: 'Guesser/1' };
    expect(refused()).toMatchObject(cases.map(([, , detail]) => ({ ...from, detail })));
    const text = JSON.stringify(app.audit);
    for (const { key } of [good, expiring, revoked]) expect(text).not.toContain(key.slice(-43));

    for (let n = 0; n < 40; n++) await ask(wrong);
    expect(refused()).toHaveLength(30);
    app.clock.advance(MINUTE);
    await ask(wrong);
    const leftOut = app.audit.filter(({ type }) => type === 'entries.left_out');
    expect(leftOut).toMatchObject([{ detail: 'api_key.refused ×15 from 127.0.0.1' }]);
  });
});
