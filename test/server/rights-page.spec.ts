import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeSetting, type SettingName } from '../../src/config/settings.js';
import type { Answer } from '../support/browser/browser-client.js';
import { routesOf, type DescribedRoute } from '../support/servers/described-routes.js';
import { IDENTITIES, startWithPeople, type Identity, type PeopledServer } from '../support/servers/identities.js';
import { cleanUp } from '../support/servers/reference-server.js';

const page = await readFile('docs/rights.md', 'utf8');

/** The cells of each row of the table between these marks. */
function tableOf(name: string): string[][] {
  const [, table = ''] = page.split(new RegExp(`<!-- (?:end of )?${name} -->`));
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return cells.slice(1, -1);
  });
}

const codesOf = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

const REFUSALS: Readonly<Record<string, string>> = {
  not_signed_in: 'sign in',
  password_change_required: 'change',
  forbidden: 'no',
  api_key_required: 'key',
};

function wordOf(answer: Answer): string {
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return REFUSALS[String(isJson && answer.status >= 400 ? answer.json()['code'] : '')] ?? 'yes';
}

describe.each(['fastify', 'express'])('docs/rights.md, on %s', (HTTP_ADAPTER) => {
  let people: PeopledServer;
  let routes: DescribedRoute[];

  beforeAll(async () => {
    people = await startWithPeople({ env: { HTTP_ADAPTER } });
    routes = await routesOf(people.server);
  }, 120_000);

  afterAll(cleanUp);

  const ask = async (identity: Identity, { method, path }: DescribedRoute, body: object = {}) => {
    const client = await people.stillAs(identity);
    return method === 'POST' ? client.post(path, body) : client.request(method, path);
  };
  const routeOf = (name: string) => routes.find(({ method, template }) => `${method} ${template}` === name)!;

  it('has the rights of everybody at every route, and no other route', async () => {
    const documented = new Map(tableOf('functions').map(([route, ...words]) => [codesOf(route!)[0]!, words]));
    const names = routes.map(({ method, template }) => `${method} ${template}`);
    expect([...documented.keys()].sort()).toEqual(names.sort());
    for (const [name, words] of documented) {
      for (const [at, identity] of IDENTITIES.entries()) {
        const answer = await ask(identity, routeOf(name));
        expect([name, identity, answer.status < 500, wordOf(answer)]).toEqual([name, identity, true, words[at]]);
      }
    }
  });

  it('has the fields that a route takes, and another one is refused', async () => {
    const rows = tableOf('fields');
    expect(rows.length).toBeGreaterThan(8);
    const some = { username: 'x', password: 'x', currentPassword: 'x', newPassword: 'x'.repeat(20), code: 'x' };
    for (const [name, takes] of rows) {
      const route = routeOf(codesOf(name!)[0]!);
      expect([name, ...codesOf(takes!)].sort()).toEqual([name, ...route.body, ...route.query].sort());
      if (route.method !== 'POST') continue;
      const known = Object.fromEntries(Object.entries(some).filter(([field]) => route.body.includes(field)));
      for (const field of ['id', 'userId', 'roles', 'disabled', 'epoch', 'mustChangePassword']) {
        const answer = await ask('user', route, { ...known, [field]: 'admin' });
        const expected = route.path === '/api/code' ? [200, undefined] : [400, 'body_invalid'];
        expect([name, field, answer.status, answer.json()['code']]).toEqual([name, field, ...expected]);
      }
    }
    const me = await (await people.as('user')).get('/auth/me');
    expect(me.json()).toMatchObject({ user: { roles: [], mustChangePassword: false } });
  });

  it('has the fields that a route gives', async () => {
    const user = await people.as('user');
    await user.post('/api/code', { code: 'x' });
    for (const [route, , gives] of tableOf('fields').filter(([name]) => name!.includes('GET '))) {
      const { path } = routeOf(codesOf(route!)[0]!);
      expect([path, Object.keys((await user.get(path)).json())]).toEqual([path, codesOf(gives!)]);
    }
    const { user: account } = (await user.get('/auth/me')).json<{ user: object }>();
    expect(Object.keys(account)).toEqual(['id', 'username', 'roles', 'mustChangePassword']);
    const { items } = (await user.get('/auth/sessions')).json<{ items: object[] }>();
    for (const name of Object.keys(items[0]!)) expect(page).toContain(`\`${name}\``);
  });
});

describe('docs/rights.md', () => {
  it('has the thresholds that hold by default', () => {
    const thresholds = [...page.matchAll(/`([A-Z_]{6,})` \(`([^`]+)`\)/g)];
    expect(thresholds.length).toBeGreaterThan(10);
    for (const [, name, value] of thresholds)
      expect([name, value]).toEqual([name, describeSetting(name as SettingName).fallback]);
  });
});
