import { gzipSync } from 'node:zlib';
import { Controller, Get, VersioningType, type INestApplication } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import helmet from 'helmet';
import { Public } from 'nest-gatehouse/auth';
import { HitsModule } from 'nest-gatehouse/hits';
import { ApiKeysModule } from 'nest-gatehouse/sessman';
import { SessionStorage } from 'nest-gatehouse/session';
import { sessionAt } from 'nest-gatehouse/testing';
import { LOGIN, PASSWORD, postForm } from '../../auth/support/auth-app.js';
import type { BrowserClient } from '../../support/browser/browser-client.js';
import { onEveryPlatform, type AdminAppSetup, type StartAdminApp } from '../support/admin-app.js';
import { addressesOf, formsOf, SECTIONS, visit } from '../support/console-pages.js';
import { sharingApps } from '../../support/apps/combinations.js';

const BUDGET = 40 * 1024;

@Controller()
class HomeController {
  @Get()
  @Public()
  show() {
    return 'home';
  }
}

/** An application with a home page, an administrator who is signed in, a user and a session. */
async function placed(start: StartAdminApp, setup: AdminAppSetup, prefix = '', headers: Record<string, string> = {}) {
  const app = await start({
    imports: [ApiKeysModule.forRoot(), HitsModule.forRoot()],
    controllers: [HomeController],
    ...setup,
  });
  const { user } = await app.users.create({ username: 'root', password: PASSWORD, roles: ['admin'] });
  const root = app.browser(headers);
  expect((await root.post(`${prefix}${LOGIN}`, { username: 'root', password: PASSWORD })).status).toBe(200);
  const record = sessionAt(app.clock.now(), { userId: user.id, username: 'root' });
  await app.app.get(SessionStorage).store.insert(record);
  const pages = [
    ...SECTIONS,
    `/admin/sessions/${record.handle}`,
    `/admin/users/${user.id}`,
    '/admin/sessions/end',
    '/admin/none',
  ];
  return { app, root, record, pages: pages.slice(0, -1).map((path) => prefix + path) };
}

/** Every address of every page, as the server below `base` gets them; each page is followed one link far. */
async function walk(root: BrowserClient, pages: readonly string[], base: string): Promise<void> {
  const known = new Set<string>();
  for (const path of pages) {
    const page = await visit(root, path);
    expect([path, page.status]).toEqual([path, 200]);
    const refresh = page.headers.get('refresh')!.replace(/^\d+; url=/, '');
    for (const address of [...addressesOf(page.text), refresh].filter((found) => !found.startsWith('#'))) {
      expect([path, address, address.startsWith(`${base}/`)]).toEqual([path, address, true]);
      known.add(address.slice(base.length));
    }
    const forms = formsOf(page.text).flatMap(({ method, action }) => (method === 'post' ? [action] : []));
    for (const action of forms) known.delete(action.slice(base.length));
    for (const action of new Set(forms))
      expect([path, action, (await postForm(root, action.slice(base.length), {})).status]).toEqual([path, action, 403]);
  }
  for (const address of known) expect([address, (await visit(root, address)).status]).toEqual([address, 200]);
}

sharingApps(onEveryPlatform)('The console', (start, { platform }) => {
  it('works below a global prefix', async () => {
    const prepare = (app: INestApplication) => {
      app.setGlobalPrefix('app');
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    };
    const { root, pages } = await placed(start, { prepare }, '/app/v1');
    await walk(root, pages, '');
  });

  it('works behind a proxy that serves it below a path', async () => {
    const headers = { 'x-forwarded-prefix': '/shop' };
    const prepare = (app: INestApplication) => {
      if (platform === 'express')
        (app.getHttpAdapter().getInstance() as { set: (...args: unknown[]) => void }).set('trust proxy', 'loopback');
    };
    const { app, root, record, pages } = await placed(start, { prepare, trustProxy: true }, '', headers);
    await walk(root, pages, '/shop');
    const asked = await visit(app.browser(headers), '/admin/users?prefix=a');
    expect(asked.headers.get('location')).toBe(`/shop/login?next=${encodeURIComponent('/admin/users?prefix=a')}`);
    const path = `/admin/sessions/${record.handle}/end`;
    const form = formsOf((await visit(root, path)).text).find(({ action }) => action === `/shop${path}`)!;
    const done = await postForm(root, path, form.fields);
    expect(done.headers.get('location')).toBe(`/shop/admin/sessions/${record.handle}?done=session-ended`);
  });

  it('keeps its own policy in an application with the defaults of helmet', async () => {
    const { root, pages } = await placed(start, { prepare: (app) => void app.use(helmet()) });
    for (const path of pages) {
      const { headers, text } = await visit(root, path);
      const policy = headers.get('content-security-policy')!;
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).toContain("require-trusted-types-for 'script'");
      // Nothing that the policy would stop.
      expect(text).not.toMatch(/<script(?! type="module" src="\/)|<style| style="| on\w+="|javascript:/);
    }
  });

  it('can be turned off, and moved', async () => {
    const off = await start({ admin: { console: false } });
    const root = await off.signedIn('root', 'admin');
    for (const path of [...SECTIONS, '/admin/assets/console.js'])
      expect([path, (await visit(root, path)).status]).toEqual([path, 404]);
    expect((await root.get('/admin/api/sessions')).status).toBe(200);
    const moved = await start({ admin: { prefix: 'staff/desk' } });
    const there = await moved.signedIn('root', 'admin');
    const { status, text } = await visit(there, '/staff/desk/sessions');
    expect(status).toBe(200);
    expect(addressesOf(text).filter((address) => address.startsWith('/admin'))).toEqual([]);
    expect((await visit(there, '/staff/desk')).status).toBe(200);
  });

  it('has scripts of at most 40 KB, compressed, which everybody may cache', async () => {
    const { app, root, pages } = await placed(start, {});
    const texts = await Promise.all(pages.map(async (path) => (await visit(root, path)).text));
    const sources = new Set(texts.flatMap((text) => addressesOf(text)).filter((address) => /\.js\?/.test(address)));
    const sizes = new Map<string, number>();
    const own = (name: string) => `/admin/assets/${name}`;
    // Of the page of a job, which there is none of here.
    for (let todo = [...sources, own('job.js')]; todo.length > 0;) {
      const address = todo.pop()!;
      const answer = await app.browser().get(address);
      expect([address, answer.status, answer.headers.get('content-type')]).toEqual([
        address,
        200,
        'text/javascript; charset=utf-8',
      ]);
      if (address.includes('?')) expect(answer.headers.get('cache-control')).toContain('immutable');
      const name = address.replace(/\?.*/, '');
      if (sizes.has(name)) continue;
      sizes.set(name, gzipSync(answer.text).length);
      const imports = [...answer.text.matchAll(/\b(?:import|from)\s*['"]\.\/([\w-]+\.js)['"]/g)];
      todo = [...todo, ...imports.map(([, file]) => own(file!))];
    }
    const inAll = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    expect(sizes.size).toBe(9);
    expect([inAll <= BUDGET, inAll]).toEqual([true, inAll]);
    if (process.env['CONSOLE_SIZES']) process.stdout.write(`${JSON.stringify([...sizes])} ${inAll}\n`);
  });
});
