import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routesOf, type DescribedRoute } from '../support/servers/described-routes.js';
import { IDENTITIES, startWithPeople, type PeopledServer } from '../support/servers/identities.js';
import { cleanUp } from '../support/servers/reference-server.js';
import { readTables } from '../support/servers/store-tables.js';

const HTML = { accept: 'text/html' };
const isAsset = ({ template }: DescribedRoute) => template.endsWith('/assets/{file}');

describe.each(['fastify', 'express'])('every route, on %s', (HTTP_ADAPTER) => {
  let people: PeopledServer;
  let gets: DescribedRoute[];

  beforeAll(async () => {
    // Seldom enough that no idle end moves meanwhile.
    people = await startWithPeople({
      env: { HTTP_ADAPTER, SESSION_IDLE_TIMEOUT: '10h', SESSION_TOUCH_INTERVAL: '1h' },
    });
    gets = (await routesOf(people.server)).filter(({ method }) => method === 'GET');
  }, 120_000);

  afterAll(cleanUp);

  it('changes nothing in the store when it is only looked at, whatever the address says', async () => {
    const clients = await Promise.all(IDENTITIES.map((identity) => people.as(identity)));
    const wishes = 'code=x&username=ada&password=x&newPassword=x&handle=x&_method=DELETE&action=delete&_csrf=x';
    const state = () => readTables(people.server, 'sessions', 'users', 'user_epochs', 'login_attempts', 'locks');
    const before = await state();
    expect(before.get('sessions')!.length).toBeGreaterThan(2);
    const all = await routesOf(people.server);
    const headers = { ...HTML, 'x-http-method-override': 'DELETE' };
    for (const client of clients) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        const look = ({ path }: DescribedRoute) => client.request(method, `${path}?${wishes}`, { headers });
        const answers = await Promise.all(all.map(look));
        expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
        expect(answers.flatMap(({ setCookies }) => setCookies)).toEqual([]);
      }
    }
    expect(await state()).toEqual(before);
  }, 120_000);

  it('answers with no script for a callback', async () => {
    const client = await people.as('administrator');
    for (const { path } of gets.filter((route) => !isAsset(route))) {
      const plain = await client.get(path);
      const asked = await client.get(`${path}?callback=alert&jsonp=alert&cb=alert&_callback=alert&jsoncallback=alert`);
      const type = asked.headers.get('content-type') ?? '';
      expect([path, asked.status, type]).toEqual([path, plain.status, plain.headers.get('content-type') ?? '']);
      expect([path, /script/.test(type), asked.text.includes('alert(')]).toEqual([path, false, false]);
      // Figures and times go on meanwhile, and so does the order of what is asked for most.
      const still = (text: string) => text.replace(/\d+(?:\.\d+)?/g, '0');
      if (type.includes('json') && !path.startsWith('/admin/api/hits/'))
        expect([path, still(asked.text)]).toEqual([path, still(plain.text)]);
    }
  });

  it('answers at its own address alone, so that no cache takes a private page for a file', async () => {
    const client = await people.as('administrator', HTML);
    for (const { template, path } of gets.filter((route) => !isAsset(route) && route.path !== '/')) {
      for (const end of ['/x.css', '.css', '/x.js', ';x.css', '%2Fx.css', '%3Bx.css', '%00.css', '/', '/..%2fx.png']) {
        const answer = await client.get(path + end);
        // 405 where that address is a handle for another method.
        expect([template, end, [404, 405].includes(answer.status)]).toEqual([template, end, true]);
        expect([template, end, answer.headers.get('cache-control')]).toEqual([template, end, 'no-store']);
        expect(answer.text).not.toMatch(/127\.0\.0\.1|"handle"|This one/);
      }
    }
    for (const route of gets.filter(isAsset)) {
      const answer = await client.get(route.path);
      expect([route.template, answer.status, answer.headers.get('cache-control')]).toEqual([
        route.template,
        404,
        'no-store',
      ]);
    }
  });
});
