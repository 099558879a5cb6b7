import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMINISTRATOR, fieldsOf, startWithAdministrator } from '../support/servers/administrator.js';
import { BrowserClient, type Answer } from '../support/browser/browser-client.js';
import { routesOf } from '../support/servers/described-routes.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';

const HTML = { accept: 'text/html' };
const YEAR = 365 * 24 * 60 * 60;

/** Each directive of a policy with its sources. */
function directivesOf(answer: Answer): Map<string, string> {
  const policy = answer.headers.get('content-security-policy') ?? '';
  return new Map(
    policy.split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/);
      return [name, sources.join(' ')];
    }),
  );
}

const isPage = ({ headers }: Answer) => headers.get('content-type')?.startsWith('text/html') ?? false;

describe.each(['fastify', 'express'])('the headers of every answer, on %s', (HTTP_ADAPTER) => {
  const answers = new Map<string, Answer>();

  beforeAll(async () => {
    const env = {
      HTTP_ADAPTER,
      NODE_ENV: 'production',
      DOCS: 'true',
      BODY_LIMIT: '2kb',
      SESSION_MAX_DATA_BYTES: '1kb',
    };
    const server = await startWithAdministrator({ deadline: 60_000, env });
    const client = new BrowserClient(server.url);
    const keep = async (what: string, method: string, path: string, init: RequestInit = {}) =>
      void answers.set(`${what}: ${method} ${path}`, await client.request(method, path, init));
    const json = (body: unknown) => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    const form = (fields: Record<string, string>) => ({ body: new URLSearchParams(fields), headers: HTML });

    const routes = await routesOf(server);
    for (const { method, path } of routes.filter((route) => route.method === 'GET')) {
      await keep('stranger', method, path);
      await keep('browser', method, path, { headers: HTML });
    }
    await client.post('/auth/login', ADMINISTRATOR);
    for (const { path } of routes.filter((route) => route.method === 'GET')) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) await keep('administrator', method, path, { headers: HTML });
    }
    const home = await client.get('/', { headers: HTML });
    const [asset] = home.text.match(/\/assets\/home\.css\?v=[\w-]+/) ?? [];
    const { headers } = await client.get(asset!);
    await keep('a file', 'GET', asset!);
    await keep('a known file', 'GET', asset!, { headers: { 'if-none-match': headers.get('etag')! } });
    await keep('kept', 'POST', '/api/code', json({ code: 'x' }));
    await keep('nothing', 'POST', '/api/session/renew');
    const token = fieldsOf((await client.get('/account')).text, '/auth/logout');
    await keep(
      'a form that worked',
      'POST',
      '/auth/reauthenticate',
      form({ ...token, password: ADMINISTRATOR.password }),
    );
    await keep('without token', 'POST', '/auth/reauthenticate', form({ password: 'x' }));
    await keep('cross-site', 'POST', '/api/code', { headers: { 'sec-fetch-site': 'cross-site' } });
    await keep('no such field', 'POST', '/api/code', json({}));
    await keep('broken', 'POST', '/api/code', { body: '{', headers: { 'content-type': 'application/json' } });
    await keep('too large', 'POST', '/api/code', json({ code: 'x'.repeat(3_000) }));
    await keep('too large a session', 'POST', '/api/code', json({ code: 'x'.repeat(1_500) }));
    await keep('no such type', 'POST', '/api/code', { body: 'x', headers: { 'content-type': 'text/plain' } });
    await keep('wrong method', 'DELETE', '/api/code');
    await keep('wrong method', 'PROPFIND', '/none');
    await keep('malformed', 'GET', '/%', { headers: HTML });
    await keep('wrong password', 'POST', '/auth/login', json({ username: 'ada', password: 'x' }));
    await keep('out', 'POST', '/auth/logout');
  }, 180_000);

  afterAll(cleanUp);

  const statuses = () => new Set([...answers.values()].map(({ status }) => status));
  const valuesOf = (name: string) => new Set([...answers.values()].map(({ headers }) => headers.get(name)));

  it('are looked at on answers of every kind', () => {
    expect([...statuses()].sort()).toEqual([200, 204, 303, 304, 400, 401, 403, 404, 405, 413, 415]);
    expect(answers.size).toBeGreaterThan(100);
  });

  it('promise HTTPS for a year', () => {
    expect([...valuesOf('strict-transport-security')]).toEqual([`max-age=${YEAR}`]);
  });

  it('name the directives of the policy that matter, and allow nothing inline and nothing from elsewhere', () => {
    for (const [what, answer] of answers) {
      const policy = directivesOf(answer);
      const named = ['default-src', 'object-src', 'base-uri', 'frame-ancestors'].map((name) => policy.get(name));
      expect([what, named]).toEqual([what, Array.from({ length: 4 }, () => "'none'")]);
      const lists = [...policy].filter(([name]) => !/^(require-)?trusted-types/.test(name)).map(([, list]) => list);
      const sources = lists.flatMap((list) => list.split(' '));
      expect([what, sources.filter((source) => !["'none'", "'self'", 'data:'].includes(source))]).toEqual([what, []]);
    }
  });

  it('keep types, addresses, windows and other sites’ pages apart', () => {
    expect([...valuesOf('x-content-type-options')]).toEqual(['nosniff']);
    expect([...valuesOf('referrer-policy')]).toEqual(['same-origin']);
    expect([...valuesOf('cross-origin-resource-policy')]).toEqual(['same-origin']);
    expect([...valuesOf('x-powered-by'), ...valuesOf('server')]).toEqual([null, null]);
    const pages = [...answers].filter(([, answer]) => isPage(answer));
    expect(pages.length).toBeGreaterThan(10);
    for (const [what, { headers }] of pages)
      expect([what, headers.get('cross-origin-opener-policy')]).toEqual([what, 'same-origin']);
  });

  it('let no other origin in', () => {
    const names = [...answers.values()].flatMap(({ headers }) => [...headers.keys()]);
    expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('HSTS_INCLUDE_SUBDOMAINS', () => {
  afterAll(cleanUp);

  it('makes the promise for subdomains too', async () => {
    const server = await ReferenceServer.start({
      inHost: true,
      deadline: 60_000,
      env: { NODE_ENV: 'production', STORAGE: 'memory', HSTS_INCLUDE_SUBDOMAINS: 'true' },
    });
    for (const path of ['/', '/none', '/health/live']) {
      const { headers } = await new BrowserClient(server.url).get(path);
      expect(headers.get('strict-transport-security')).toBe(`max-age=${YEAR}; includeSubDomains`);
    }
  });
});
