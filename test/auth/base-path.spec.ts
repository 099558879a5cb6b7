import { expect, it } from '@jest/globals';
import { Controller, Get, RequestMethod, VersioningType, type INestApplication } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { formsOf, linksOf } from '../support/browser/addresses.js';
import type { Answer, BrowserClient } from '../support/browser/browser-client.js';
import { onEveryPlatform, PASSWORD, postForm } from './support/auth-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const HTML = { accept: 'text/html' };

@Controller()
class HomeController {
  @Get()
  @Public()
  show() {
    return 'home';
  }
}

const EXCLUDE = ['login', { path: 'auth/logout', method: RequestMethod.POST }, 'auth/assets/:file'];

/** Where the pages and forms are inside, by the way the application sets its global prefix. */
const PREFIXES = [
  { title: 'without a global prefix', prepare: () => undefined, home: '/', login: '/login', rest: '' },
  {
    title: 'with a global prefix',
    prepare: (app: INestApplication) => void app.setGlobalPrefix('app'),
    ...{ home: '/app', login: '/app/login', rest: '/app' },
  },
  {
    title: 'with a global prefix and exclusions',
    prepare: (app: INestApplication) => void app.setGlobalPrefix('/app', { exclude: EXCLUDE }),
    ...{ home: '/app', login: '/login', rest: '/app' },
  },
  {
    title: 'with versions in the path',
    prepare: (app: INestApplication) => void app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    ...{ home: '/v1', login: '/v1/login', rest: '/v1' },
  },
  {
    title: 'with a global prefix, exclusions and versions in the path',
    prepare: (app: INestApplication) => {
      app.setGlobalPrefix('app', { exclude: EXCLUDE });
      app.enableVersioning({ type: VersioningType.URI, prefix: 'version-', defaultVersion: ['2', '1'] });
    },
    ...{ home: '/app/version-2', login: '/version-2/login', rest: '/app/version-2' },
  },
  {
    title: 'with versions elsewhere',
    prepare: (app: INestApplication) => void app.enableVersioning({ type: VersioningType.URI }),
    ...{ home: '/', login: '/login', rest: '' },
  },
];

sharingApps(onEveryPlatform)('Behind a sub-path, the pages', (start) => {
  const BASES = ['', '/a/b'];
  it.each(PREFIXES.flatMap((prefix) => BASES.map((base) => ({ ...prefix, base }))))(
    'lead a browser from sign-in to sign-out $title (basePath "$base")',
    async ({ prepare, home, login, rest, base }) => {
      const session = base === '' ? {} : { basePath: base };
      const app = await start({ controllers: [HomeController], prepare, session });
      await app.users.create({ username: 'root', password: PASSWORD, roles: ['admin'] });
      const browser = app.browser(HTML);

      /** What the proxy passes on of an address that the browser was given. */
      const inside = (address: string) => {
        expect(address).toMatch(new RegExp(`^${base}/(?!/)`));
        return address.slice(base.length);
      };
      const locationOf = ({ status, headers }: Answer) => {
        expect(status).toBe(303);
        return inside(headers.get('location')!);
      };
      const show = async (client: BrowserClient, path: string) => {
        const page = await client.get(path);
        expect([path, page.status]).toEqual([path, 200]);
        for (const link of linksOf(page))
          expect([path, link, (await client.get(inside(link))).status]).not.toContain(404);
        for (const { action } of formsOf(page)) inside(action);
        return page;
      };
      const formOf = (page: Answer, end: string) => formsOf(page).find(({ action }) => action.endsWith(end))!;
      const submit = (page: Answer, end: string, typed: Record<string, string> = {}) => {
        const { action, fields } = formOf(page, end);
        return postForm(browser, inside(action), { ...fields, ...typed });
      };

      const asked = locationOf(await browser.get(`${rest}/account`));
      expect(asked).toBe(`${login}?next=${encodeURIComponent(`${rest}/account`)}`);
      const door = await show(browser, asked);
      expect((await submit(door, '/login', { username: 'root', password: 'wrong' })).status).toBe(401);
      const entered = await submit(door, '/login', { username: 'root', password: PASSWORD });
      expect(locationOf(entered)).toBe(`${rest}/account`);

      expect((await browser.get(home)).text).toBe('home');
      const pages = ['/account', '/account/sessions', '/account/password', '/reauthenticate'];
      for (const path of pages) await show(browser, rest + path);
      await show(browser, `${rest}/account/closed?next=${encodeURIComponent(`${rest}/account/sessions`)}`);

      const confirm = await browser.get(`${rest}/reauthenticate`);
      expect(locationOf(await submit(confirm, '/reauthenticate', { password: PASSWORD }))).toBe(home);
      const left = await submit(await browser.get(`${rest}/account`), '/logout');
      expect(locationOf(left)).toBe(home);
      expect((await browser.get(`${rest}/account`)).status).toBe(303);
    },
  );

  it('end sessions below a global prefix by forms', async () => {
    const session = { basePath: '/shop' };
    const app = await start({ session, prepare: (nest) => void nest.setGlobalPrefix('app') });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const [browser, other] = [app.browser(HTML), app.browser()];
    for (const client of [browser, other])
      await client.post('/app/auth/login', { username: 'alice', password: PASSWORD });
    const handle = other.cookies.get('sid')!.split('.')[0]!;
    const [form] = formsOf(await browser.get('/app/account/sessions')).filter(({ action }) => action.includes(handle));
    expect(form!.action).toBe(`/shop/app/auth/sessions/${handle}/end`);
    const ended = await postForm(browser, form!.action.slice('/shop'.length), form!.fields);
    expect(ended.headers.get('location')).toBe('/shop/app/account/sessions?done=session-ended');
    expect((await other.get('/app/auth/me')).status).toBe(401);
  });

  it('are told of by the option alone if there is one', async () => {
    const app = await start({ session: { basePath: '/shop' } });
    const answer = await app.browser({ ...HTML, 'x-forwarded-prefix': '/evil' }).get('/account');
    expect(answer.headers.get('location')).toBe('/shop/login?next=%2Faccount');
    for (const basePath of ['/', '/shop/', 'shop', '//shop', '/a/../b', '/a?b', '/%2e', 'https://evil.example'])
      await expect(start({ session: { basePath } })).rejects.toThrow(/basePath: expected a path such as '\/shop'/);
  });

  it('take an absolute address of their own below the path, and no other', async () => {
    const app = await start({ session: { basePath: '/shop' } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const cases = [
      [`${app.url}/shop/account?a=b`, '/shop/account?a=b'],
      [`${app.url}/shop`, '/shop/'],
      [`${app.url}/shopping`, '/shop/'],
      [`${app.url}/other`, '/shop/'],
      [`${app.url}/shop/../other`, '/shop/'],
      [`${app.url}/shop//evil.example`, '/shop/'],
      ['https://evil.example/shop/account', '/shop/'],
      ['//evil.example/shop', '/shop/'],
      [String.raw`/\evil.example`, '/shop/'],
      ['/account', '/shop/account'],
    ];
    for (const [next, location] of cases) {
      const fields = { username: 'alice', password: PASSWORD, next: next! };
      const answer = await postForm(app.browser(), '/auth/login', fields);
      expect([next, answer.headers.get('location')]).toEqual([next, location]);
    }
  });
});
