import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { gatehouse, type CommandOptions } from '../support/servers/command-line.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

interface Report {
  readonly items: readonly { readonly code: string; readonly message: string; readonly remedy: string }[];
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const closing: (() => Promise<void>)[] = [];

/** A server that somebody has set up. @returns its address, without a slash at the end */
async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

let sessions = 0;

/** Sets a session cookie for who has none, and knows it again. */
function setting(line: (value: string) => string | string[], headers: Record<string, string> = {}): Handler {
  return (request, response) => {
    if (request.url !== '/app') return void response.writeHead(404).end();
    const isKnown = /app_session=known/.test(request.headers.cookie ?? '');
    response.writeHead(200, {
      'cache-control': 'no-store',
      ...headers,
      ...(isKnown ? {} : { 'set-cookie': line(`known${++sessions}`) }),
    });
    response.end('{}');
  };
}

const RIGHT = (value: string) => `app_session=${value}; Path=/; HttpOnly; SameSite=Lax`;

const WRONG: readonly (readonly [code: string, handler: Handler])[] = [
  ['insecure_connection', setting((value) => `${RIGHT(value)}; Secure`)],
  ['same_site_none_insecure', setting((value) => `app_session=${value}; Path=/; HttpOnly; SameSite=None`)],
  ['cookie_domain_mismatch', setting((value) => `${RIGHT(value)}; Domain=example.com`)],
  ['cookie_path_mismatch', setting((value) => `app_session=${value}; Path=/elsewhere; HttpOnly`)],
  ['cookie_too_large', setting((value) => RIGHT(value + 'x'.repeat(4_096)))],
  ['cookie_set_twice', setting((value) => [RIGHT(value), RIGHT(`${value}2`)])],
  ['cookie_prefix_broken', setting((value) => `__Host-app_session=${value}; Path=/; HttpOnly`)],
  ['cookie_readable', setting((value) => `app_session=${value}; Path=/`)],
  ['answer_cacheable', setting(RIGHT, { 'cache-control': 'public, max-age=60' })],
  ['clock_skew', setting(RIGHT, { date: new Date(Date.now() + 3_600_000).toUTCString() })],
  ['session_not_kept', setting(() => `app_session=lost${++sessions}; Path=/; HttpOnly`)],
  ['no_cookie', (_request, response) => void response.end('{}')],
  [
    'not_ready',
    (request, response) => {
      if (request.url === '/health/ready') response.writeHead(503).end();
      else setting(RIGHT)(request, response);
    },
  ],
];

describe('gatehouse doctor', () => {
  const run = async (args: readonly string[], options: Partial<CommandOptions> = {}) =>
    gatehouse(args, { ...options, directory: options.directory ?? (await temporaryDirectory()) });

  afterEach(() => Promise.all(closing.splice(0).map((close) => close())));
  afterAll(cleanUp);

  it.each(WRONG)('finds %s, and nothing else', async (code, handler) => {
    const result = await run(['doctor', `${await serve(handler)}/app`, '--json']);
    expect([result.status, result.stderr]).toEqual([1, '']);
    const { items } = result.json<Report>();
    expect(items.map((item) => item.code)).toEqual([code]);
    expect(items[0]!.message).toMatch(/\.$/);
    expect(items[0]!.remedy).toMatch(/\.$/);
  });

  it('finds nothing at a server that is set up well', async () => {
    const url = `${await serve(setting(RIGHT))}/app`;
    const found = await run(['doctor', url, '--json']);
    expect([found.status, found.json()]).toEqual([0, { items: [] }]);
    const told = await run(['doctor', url]);
    expect([told.status, told.stdout]).toEqual([
      0,
      `Nothing is wrong at ${url}, as far as can be seen from outside.\n`,
    ]);
  });

  it('finds nothing at the reference server in development, and leaves no session there', async () => {
    const server = await ReferenceServer.start({ inHost: true });
    const { port } = new URL(server.url);
    const found = await run(['doctor', '--json'], { env: { PORT: port }, directory: server.directory });
    expect([found.status, found.stderr, found.json()]).toEqual([0, '', { items: [] }]);
    const list = await gatehouse(['session:list', '--json'], { directory: server.directory });
    expect(list.json<{ items: unknown[] }>().items).toEqual([]);
  });

  it('finds the one thing that is wrong with production over plain HTTP, where the server has warned once', async () => {
    const server = await ReferenceServer.start({ inHost: true, env: { NODE_ENV: 'production' } });
    for (let visit = 0; visit < 3; visit++) {
      const found = await run(['doctor', server.url, '--json']);
      expect([found.status, found.json<Report>().items.map(({ code }) => code)]).toEqual([1, ['insecure_connection']]);
    }
    await server.waitFor(/insecure_connection/);
    const warnings = server.logLines.filter((line) => JSON.stringify(line).includes('insecure_connection'));
    expect(warnings).toHaveLength(1);
    const told = await run(['doctor', server.url]);
    expect([told.status, told.stderr]).toEqual([1, '']);
    expect(told.stdout).toMatch(
      /^CODE +WHAT +REMEDY\ninsecure_connection +The cookie __Host-sid .*Serve it over HTTPS/,
    );
  });

  it('says clearly that a server does not answer, and that an address is none', async () => {
    const url = await serve(() => undefined);
    await Promise.all(closing.splice(0).map((close) => close()));
    const away = await run(['doctor', url, '--json']);
    expect([away.status, away.stdout]).toEqual([1, '']);
    expect(JSON.parse(away.stderr)).toMatchObject({ code: 'no_answer', detail: expect.stringContaining(url) });
    expect(await run(['doctor', 'http://'])).toMatchObject({ status: 2, stdout: '' });
    const unknown = await run(['doctor', '--json'], { env: { PORT: '0' } });
    expect([unknown.status, JSON.parse(unknown.stderr)]).toEqual([1, expect.objectContaining({ code: 'url_missing' })]);
  });
});
