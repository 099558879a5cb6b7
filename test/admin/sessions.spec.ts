import { expect, it } from '@jest/globals';
import { SessionStorage } from 'nest-gatehouse/session';
import { PROGRAM_USER_PREFIX } from 'nest-gatehouse/session/storage';
import { codeOf, PASSWORD } from '../auth/support/auth-app.js';
import { MINUTE } from '../support/apps/fake-clock.js';
import { onOnePlatform, type AdminApp } from './support/admin-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1';
const PATH = '/admin/api/sessions';

interface Item {
  readonly handle: string;
  readonly user: string | null;
  readonly state: string;
}

interface List {
  readonly items: Item[];
  readonly next: string | null;
  readonly total?: number;
}

/** Sessions of two users, of nobody, and of a program, a minute apart; the administrator's is the newest. */
async function peopled(app: AdminApp) {
  const { sessions, clock } = app;
  const ids: Record<string, string> = {};
  for (const username of ['ann', 'anna', 'bob'])
    ids[username] = (await app.users.create({ username, password: PASSWORD })).user.id;
  const handles: Record<string, string> = {};
  const add = async (name: string, userId: string, username: string, ip: string, userAgent: string) => {
    const { session } = await sessions.createForUser(userId, {
      username,
      ip,
      userAgent,
      data: { cart: [1], secret: 'x' },
    });
    handles[name] = session.handle;
    clock.advance(MINUTE);
  };
  await add('ann1', ids['ann']!, 'ann', '192.0.2.7', FIREFOX);
  await add('ann2', ids['ann']!, 'ann', '192.0.2.200', SAFARI);
  await add('anna', ids['anna']!, 'anna', '2001:db8::7', FIREFOX);
  await add('bob', ids['bob']!, 'bob', '198.51.100.1', FIREFOX);
  await add('program', `${PROGRAM_USER_PREFIX}shop:carl`, 'carl', '203.0.113.1', 'robot/1');
  const root = await app.signedIn('root', 'admin');
  handles['root'] = root.cookies.get('sid')!.slice(0, 22);
  return { root, ids, handles };
}

sharingApps(onOnePlatform)('GET /admin/api/sessions', (start) => {
  it('lists everybody’s, newest first, as documented', async () => {
    const app = await start();
    const { root, ids, handles } = await peopled(app);
    const answer = await root.get(PATH);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const { items, next } = answer.json<List>();
    expect(next).toBeNull();
    expect(items.map(({ handle }) => handle)).toEqual(
      ['root', 'program', 'bob', 'anna', 'ann2', 'ann1'].map((name) => handles[name]),
    );
    expect(items.at(-1)).toEqual({
      handle: handles['ann1'],
      user: 'ann',
      userId: ids['ann'],
      namespace: null,
      ip: '192.0.2.7',
      device: 'Firefox on Linux',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      lastSeenAt: expect.stringMatching(/^\d{4}-.*Z$/),
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
      state: 'signed-in',
    });
    expect(items[1]).toMatchObject({ user: 'carl', namespace: 'shop', state: 'live' });
  });

  it('filters by each condition, and counts what matches', async () => {
    const app = await start();
    const { root, handles } = await peopled(app);
    const at = (name: string, minutes: number) =>
      app.sessions.read(handles[name]!).then((found) => iso(found!.createdAt + minutes * MINUTE));
    const cases: [string, string[]][] = [
      ['user=ANN', ['ann2', 'ann1']],
      ['user=nobody', []],
      ['user=carl', ['program']],
      ['userPrefix=an', ['anna', 'ann2', 'ann1']],
      ['ip=192.0.2.7', ['ann1']],
      ['ip=192.0.2.0/24', ['ann2', 'ann1']],
      ['ip=2001:db8::/48', ['anna']],
      ['device=firefox', ['bob', 'anna', 'ann1']],
      ['device=IOS', ['ann2']],
      ['namespace=shop', ['program']],
      ['state=signed-in', ['root', 'bob', 'anna', 'ann2', 'ann1']],
      ['state=anonymous', []],
      [`createdAfter=${await at('bob', 0)}`, ['root', 'program', 'bob']],
      [`createdBefore=${await at('anna', 0)}`, ['ann2', 'ann1']],
      [`lastSeenBefore=${await at('ann1', 1)}`, ['ann1']],
      ['userPrefix=an&device=firefox&ip=192.0.2.0/24', ['ann1']],
    ];
    for (const [query, names] of cases) {
      const list = (await root.get(`${PATH}?total=true&${query}`)).json<List>();
      expect([query, list.items.map(({ handle }) => handle), list.total]).toEqual([
        query,
        names.map((name) => handles[name]),
        names.length,
      ]);
    }
  });

  it('sorts both ways, and pages', async () => {
    const app = await start();
    const { root, handles } = await peopled(app);
    await app.sessions.extend(handles['ann1']!);
    const order = ['ann1', 'ann2', 'anna', 'bob', 'program', 'root'].map((name) => handles[name]);
    for (const [sort, expected] of [
      ['createdAt', order],
      ['-createdAt', [...order].reverse()],
      ['lastSeenAt', order],
      ['-lastSeenAt', [...order].reverse()],
    ] as const) {
      const found: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: List = (
          await root.get(`${PATH}?limit=2&sort=${sort}${cursor && `&cursor=${cursor}`}`)
        ).json<List>();
        found.push(...page.items.map(({ handle }) => handle));
        cursor = page.next;
      }
      expect([sort, found]).toEqual([sort, expected]);
    }
  });

  it('refuses what it does not understand, naming the field', async () => {
    const app = await start();
    const root = await app.signedIn('root', 'admin');
    const cases: [string, string][] = [
      ['limit=0', 'limit_invalid'],
      ['limit=201', 'limit_invalid'],
      ['cursor=x', 'cursor_invalid'],
      ['sort=name', 'sort_invalid'],
      ['state=asleep', 'state_invalid'],
      ['ip=10.0.0.0/99', 'ip_invalid'],
      ['ip=localhost', 'ip_invalid'],
      ['createdAfter=yesterday', 'created_after_invalid'],
      ['lastSeenBefore=2026-01-01', 'last_seen_before_invalid'],
      ['user=', 'user_invalid'],
      ['total=maybe', 'total_invalid'],
    ];
    for (const [query, code] of cases) {
      const answer = await root.get(`${PATH}?${query}`);
      expect([query, answer.status, codeOf(answer)]).toEqual([query, 400, code]);
    }
  });

  it('shows ended ones from the trail, newest end first', async () => {
    const app = await start();
    const { root, handles } = await peopled(app);
    for (const name of ['bob', 'ann1', 'program']) await root.request('DELETE', `${PATH}/${handles[name]}`);
    const all = (await root.get(`${PATH}?state=ended&total=true`)).json<List>();
    expect(all.items).toMatchObject([
      { handle: handles['ann1'], user: 'ann', ip: '192.0.2.7', device: 'Firefox on Linux', state: 'ended' },
      { handle: handles['bob'], user: 'bob', state: 'ended' },
    ]);
    expect(all.total).toBe(2);
    const some = (await root.get(`${PATH}?state=ended&user=ann&ip=192.0.2.0/24&total=true`)).json<List>();
    expect([some.items.map(({ handle }) => handle), some.total]).toEqual([[handles['ann1']], 1]);
    expect((await root.get(`${PATH}?state=ended&device=safari`)).json<List>().items).toEqual([]);
    for (const sort of ['-createdAt', 'lastSeenAt']) {
      const refused = await root.get(`${PATH}?state=ended&sort=${sort}`);
      expect([refused.status, codeOf(refused)]).toEqual([400, 'sort_invalid']);
      expect(refused.text).toContain('the latest first');
      // The form of the console keeps the order of live ones.
      expect((await root.get(`/admin/sessions?state=ended&sort=${sort}`)).text).toContain(handles['ann1']);
    }
    expect((await root.get(`${PATH}?state=ended&limit=1`)).json<List>()).toMatchObject({
      items: [{ handle: handles['ann1'] }],
    });
  });
});

sharingApps(onOnePlatform)('One session', (start) => {
  it('shows the names of its data, and no values unless told', async () => {
    const app = await start();
    const { root, handles } = await peopled(app);
    const details = (await root.get(`${PATH}/${handles['ann1']}`)).json();
    expect(details).toMatchObject({
      handle: handles['ann1'],
      user: 'ann',
      keys: ['cart', 'secret'],
      endsBecause: 'idle',
      hits: null,
    });
    expect(details).not.toHaveProperty('data');
    expect(details['why']).toMatch(/^It is live, and ends at .*Z unless it is used before\.$/);
    expect(details['timeline']).toMatchObject([{ type: 'created' }]);
  });

  it('shows the values where the option allows', async () => {
    const app = await start({ admin: { showValues: true } });
    const { root, handles } = await peopled(app);
    expect((await root.get(`${PATH}/${handles['ann1']}`)).json()).toMatchObject({ data: { cart: [1], secret: 'x' } });
  });

  it('ends it in the store, once and again', async () => {
    const app = await start();
    const { root, handles } = await peopled(app);
    const { store } = app.app.get(SessionStorage);
    expect((await root.request('DELETE', `${PATH}/${handles['bob']}`)).status).toBe(204);
    expect(await store.read(handles['bob']!)).toBeNull();
    expect((await root.request('DELETE', `${PATH}/${handles['bob']}`)).status).toBe(204);
    expect(app.audit.filter(({ type }) => type === 'session.ended')).toHaveLength(1);
    for (const handle of ['x'.repeat(22), 'nonsense', '%00']) {
      const answer = await root.request('DELETE', `${PATH}/${handle}`);
      expect([answer.status, codeOf(answer)]).toEqual([404, 'session_not_found']);
    }
  });

  it('extends it, never past its absolute end, and it is no use of it', async () => {
    const app = await start({ session: { idleTimeout: '30m', absoluteTimeout: '1h' } });
    const { root, handles } = await peopled(app);
    const before = (await app.sessions.read(handles['bob']!))!;
    app.clock.advance(20 * MINUTE);
    const extended = (await root.post(`${PATH}/${handles['bob']}/extend`)).json();
    const after = (await app.sessions.read(handles['bob']!))!;
    expect(after.idleExpiresAt).toBe(app.clock.now() + 30 * MINUTE);
    expect([after.lastSeenAt, after.absoluteExpiresAt]).toEqual([before.lastSeenAt, before.absoluteExpiresAt]);
    expect(extended).toMatchObject({ idleExpiresAt: iso(after.idleExpiresAt), timeline: expect.any(Array) });
    expect(app.audit.filter(({ type }) => type === 'session.extended')).toMatchObject([{ handle: handles['bob'] }]);
    app.clock.advance(20 * MINUTE);
    await root.post(`${PATH}/${handles['bob']}/extend`);
    expect((await app.sessions.read(handles['bob']!))!.idleExpiresAt).toBe(before.absoluteExpiresAt);
    await app.sessions.end(handles['bob']!);
    expect(codeOf(await root.post(`${PATH}/${handles['bob']}/extend`))).toBe('session_ended');
    expect(codeOf(await root.post(`${PATH}/${'y'.repeat(22)}/extend`))).toBe('session_not_found');
  });
});

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
