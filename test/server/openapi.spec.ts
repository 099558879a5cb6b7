import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answers, problem } from '../../src/docs/answers.js';
import { ADMINISTRATOR, signInTo, startWithAdministrator } from '../support/servers/administrator.js';
import { BrowserClient } from '../support/browser/browser-client.js';
import { cleanUp, type ReferenceServer } from '../support/servers/reference-server.js';

interface OperationObject {
  readonly operationId?: string;
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, object>> };
}

const PLACEHOLDER = /\{\w+\}/g;

describe.each(['fastify', 'express'])('the description of the routes, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;
  let document: Document;
  let routes: { method: string; path: string; operation: OperationObject }[];

  beforeAll(async () => {
    server = await startWithAdministrator({ env: { HTTP_ADAPTER } });
    document = (await new BrowserClient(server.url).get('/docs-json')).json<Document>();
    routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );
  });

  afterAll(cleanUp);

  const ask = (client: BrowserClient, method: string, path: string) =>
    client.request(method, path.replace(PLACEHOLDER, 'none'));

  it('has the routes of the interface', () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'GET /api/code',
        'POST /api/code',
        'POST /auth/login',
        'POST /auth/logout',
        'GET /auth/me',
        'POST /auth/password',
        'POST /auth/reauthenticate',
        'GET /auth/sessions',
        'DELETE /auth/sessions/{handle}',
        'DELETE /auth/sessions',
        'GET /login',
        'GET /account/password',
        'GET /admin',
        'GET /staff',
        'GET /docs-json',
      ]),
    );
    expect(document.openapi).toBe('3.1.0');
    expect(document.components.securitySchemes).toMatchObject({
      cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
      bearer: { type: 'http', scheme: 'bearer' },
    });
  });

  it('describes every route', () => {
    const bare = routes.filter(({ operation }) => !operation.summary || Object.keys(operation.responses).length === 0);
    expect(bare.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    const ids = routes.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says truly what a stranger gets', async () => {
    for (const { method, path, operation } of routes) {
      const answer = await ask(new BrowserClient(server.url), method, path);
      expect({ method, path, status: answer.status, documented: Object.keys(operation.responses) }).toMatchObject({
        documented: expect.arrayContaining([String(answer.status)]),
      });
      const isClosed = operation.security?.length === 1 && Object.keys(operation.security[0]!).length === 1;
      expect({ method, path, isRefused: answer.status === 401 }).toEqual({
        method,
        path,
        isRefused: isClosed || path === '/api/session/renew',
      });
      if (answer.status >= 400) {
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
        problem.parse(answer.json());
      }
    }
  });

  it('says truly what an administrator gets', async () => {
    for (const { method, path, operation } of routes.filter(({ path }) => path !== '/auth/login')) {
      const answer = await ask(await signInTo(server), method, path);
      expect({ method, path, status: answer.status, documented: Object.keys(operation.responses) }).toMatchObject({
        documented: expect.arrayContaining([String(answer.status)]),
      });
    }
  });

  it('has the shapes of the answers', async () => {
    const client = new BrowserClient(server.url);
    const administrator = await signInTo(server);
    answers.stats.parse((await administrator.get('/admin/api/stats')).json());
    answers.findings.parse((await administrator.get('/admin/api/doctor')).json());
    answers.signedIn.parse((await client.post('/auth/login', ADMINISTRATOR)).json());
    answers.signedIn.parse((await client.get('/auth/me')).json());
    answers.mySessions.parse((await client.get('/auth/sessions')).json());
    answers.session.parse((await client.get('/api/session')).json());
    answers.session.parse((await new BrowserClient(server.url).get('/api/session')).json());
    answers.code.parse((await client.get('/api/code')).json());
    answers.codeSet.parse((await client.post('/api/code', { code: 'x' })).json());
    answers.ended.parse((await client.request('DELETE', '/auth/sessions')).json());
    answers.live.parse((await client.get('/health/live')).json());
    answers.ready.parse((await client.get('/health/ready')).json());
  });

  it('has a page under a strict policy of its own', async () => {
    const page = await new BrowserClient(server.url).get('/docs');
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain(
      "default-src 'none';object-src 'none';script-src 'self';style-src 'self';img-src 'self' data:",
    );
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(page.text).not.toMatch(/<script>|<style| style=/);
    const urls = page.text.match(/\/docs\/assets\/[\w.-]+\?v=[\w-]+/g) ?? [];
    expect(urls).toHaveLength(6);
    for (const url of urls) expect((await new BrowserClient(server.url).get(url)).status).toBe(200);
  });
});

describe('the description of the routes', () => {
  afterAll(cleanUp);

  it('is for administrators alone where DOCS is false', async () => {
    const server = await startWithAdministrator({ env: { DOCS: 'false' } });
    const stranger = new BrowserClient(server.url);
    const [administrator] = [await signInTo(server)];
    for (const path of ['/docs', '/docs-json']) {
      expect((await stranger.get(path)).status).toBe(401);
      expect((await administrator.get(path)).status).toBe(200);
    }
  });
});
