import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { chromiumOfFile, describeInChromium } from '../../support/browser/chromium.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { startService, Truth, type Service } from '../support/service.js';

/** A page, and the client as it is built. */
async function serve(request: { url?: string }): Promise<[type: string, body: string | Buffer]> {
  const [, name] = /^\/client\/([\w.]+\.js)$/.exec(request.url!) ?? [];
  if (name !== undefined) return ['text/javascript', await readFile(`dist/libs/client/src/${name}`)];
  return ['text/html', '<!doctype html><title>A shop</title><link rel="icon" href="data:,">'];
}

describeInChromium('the client in a page of another origin', () => {
  let page: Page;
  let site: Server;
  let service: Service;
  let proxy: FaultProxy;
  const cookies: (string | undefined)[] = [];

  beforeAll(async () => {
    site = createServer((request, response) => {
      if (request.url!.startsWith('/sessman/')) cookies.push(request.headers.cookie);
      void serve(request).then(([type, body]) => response.writeHead(200, { 'content-type': type }).end(body));
    });
    await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
    const origin = `http://shop.example:${(site.address() as AddressInfo).port}`;
    service = await startService({ corsOrigins: [origin] });
    proxy = await FaultProxy.before(service);
    // By name over plain HTTP, where browsers withhold much of `crypto`.
    page = await (await chromiumOfFile()).newPage();
    await page.goto(`${origin}/`);
  }, 60_000);

  afterAll(async () => {
    await page.close();
    site.close();
    await proxy.close();
    await service.close();
  });

  /** Runs code of a page, with `Session`, `errors` and `options` at hand. */
  const run = <T>(code: string): Promise<T> => {
    const options = JSON.stringify({ base_url: proxy.url, auth: service.auth });
    return page.evaluate<T>(`(async () => {
      const errors = await import('/client/index.js');
      const { Session } = errors;
      const options = ${options};
      Math.random = () => 0;
      ${code}
    })()`);
  };

  it('makes, counts, saves, lists and ends sessions', async () => {
    proxy.script = ['none', 'none', 'cutAfter'];
    const seen = await run<{ id: string; sum: number; listed: string[] }>(`
      const session = await Session.create('ada', { ...options, data: { cart: [] } });
      session.data.cart.push('apple');
      await session.updateSession();
      const sum = await session.increment('visits', 2);
      const other = await Session.create('ada', options);
      await other.end();
      const listed = [];
      for await (const { session_id } of Session.list('ada', options)) listed.push(session_id);
      return { id: session.session_id, sum, listed };
    `);
    expect(seen).toEqual({ id: expect.any(String), sum: 2, listed: [seen.id] });
    const truth = await new Truth(service).sessions('ada');
    expect(truth).toMatchObject([{ session_id: seen.id, data: { cart: ['apple'], visits: 2 } }]);
  });

  it('rejects with the same classes, and sends no cookie to its own origin either', async () => {
    await page.evaluate("document.cookie = 'theme=dark'");
    const seen = await run<object>(`
      const found = [];
      const caught = async (work) => { try { await work; } catch (error) {
        found.push([error instanceof errors[error.name], error.name, error.code, Boolean(error.requestId)]);
      } };
      await caught(Session.open('ada', 'none', options));
      await caught(Session.open('ada', 'none', { ...options, auth: 'gh_wrong' }));
      await caught(Session.open('ada', 'none', { ...options, base_url: location.origin }));
      return found;
    `);
    expect(seen).toEqual([
      [true, 'SessionNotFoundError', 'session_not_found', true],
      [true, 'UnauthorizedError', 'api_key_invalid', true],
      [true, 'BadAnswerError', 'bad_answer', false],
    ]);
    expect(cookies).toEqual([undefined]);
  });
});
