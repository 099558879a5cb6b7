import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';
import { headerOf, readAnswers, Wire, type WireAnswer } from '../support/browser/wire.js';

/** Exactly these, on every answer, whoever makes it. */
const SECURITY_HEADERS = [
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'origin-agent-cluster',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
];

const request = (line: string, ...lines: string[]) => [`${line} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n');
const FORM = 'Content-Type: application/x-www-form-urlencoded';
const body = (method: string, path: string, content: string, ...lines: string[]) =>
  request(`${method} ${path}`, ...lines, `Content-Length: ${content.length}`) + content;

const CSP = 'content-security-policy';

/** What is sent, and the status that is the first to come. */
const kinds: readonly (readonly [bytes: string, status: number])[] = [
  [request('GET /'), 200],
  [request('GET /login'), 200],
  [request('GET /docs'), 200],
  [request('GET /docs-json'), 200],
  [request('GET /api/code'), 200],
  [request('HEAD /api/code'), 200],
  [request('GET /assets/home.css'), 200],
  [request('GET /docs/assets/docs.js'), 200],
  [request('GET /health/ready'), 200],
  [request('GET /api/code', 'Connection: Upgrade', 'Upgrade: websocket'), 200],
  [request('GET /api/code', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: x'), 200],
  [request('GET http://x/api/code'), 200],
  ['GET /api/code HTTP/1.0\r\n\r\n', 200],
  [body('POST', '/api/code', 'code=x', FORM), 200],
  [request('POST /api/session/end'), 204],
  [body('POST', '/auth/logout', '', FORM), 303],
  [request('GET /account', 'Accept: text/html'), 303],
  [body('POST', '/api/code', '{', 'Content-Type: application/json'), 400],
  [request('GET /%'), 400],
  [request('GET /%', 'Accept: text/html'), 400],
  [request('GET *'), 400],
  [request('GET ftp://x/'), 400],
  ['GET / HTTP/1.1\r\n\r\n', 400],
  [request('GET /', 'Host: y'), 400],
  ['GET / HTTP/2.0\r\nHost: x\r\n\r\n', 400],
  [request('GET /auth/me'), 401],
  [request('GET /docs-json/none'), 404],
  [body('POST', '/api/code', 'code=x', FORM, 'Sec-Fetch-Site: cross-site'), 403],
  [request('GET /none'), 404],
  [request('HEAD /none'), 404],
  [request('GET /none', 'Accept: text/html'), 404],
  [request(`GET /assets/${'x'.repeat(500)}`), 404],
  [request('OPTIONS *'), 404],
  [request('DELETE /api/code'), 405],
  [request('TRACE /api/code'), 405],
  [request('QUERY /api/code'), 405],
  ['DESCRIBE /api/code RTSP/1.0\r\nHost: x\r\n\r\n', 405],
  ['CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n', 405],
  [request('POST /api/code', FORM, 'Content-Length: 10'), 408],
  ['GET', 408],
  [body('POST', '/api/code', `code=${'x'.repeat(2000)}`, FORM), 413],
  [request('POST /api/code', FORM, 'Transfer-Encoding: chunked') + `7d5\r\ncode=${'x'.repeat(2000)}\r\n0\r\n\r\n`, 413],
  [request('POST /api/code', FORM, 'Transfer-Encoding: chunked') + `1;${'x'.repeat(20_000)}\r\n`, 413],
  [body('POST', '/api/code', 'x', 'Content-Type: text/plain'), 415],
  [request('POST /api/code', 'Transfer-Encoding: gzip, chunked'), 415],
  [request('GET /', 'Expect: tea'), 417],
  [request('GET /', `A: ${'a'.repeat(20_000)}`), 431],
  [request('GET /', ...Array.from({ length: 100 }, () => 'a: b')), 431],
  ['hunter2\r\n\r\n', 400],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  [request('POST /', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
  [request('POST /api/code', FORM, 'Transfer-Encoding: chunked') + 'hunter2', 400],
];

describe.each(['fastify', 'express'])('every answer, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;
  let switchFile: string;
  let usual: ReadonlyMap<string, string>;

  beforeAll(async () => {
    switchFile = join(await temporaryDirectory(), 'fails');
    server = await ReferenceServer.start({
      inHost: true,
      preload: ['test/support/servers/failing-store.mjs'],
      env: {
        HTTP_ADAPTER,
        STORAGE: 'memory',
        SESSION_COOKIE_SECURE: 'true',
        BODY_LIMIT: '1kb',
        REQUEST_TIMEOUT: '1s',
        SHUTDOWN_GRACE: '25s',
        TEST_STORE_FAILS: switchFile,
      },
    });
    usual = securityHeadersOf((await ask(request('GET /')))[0]!);
  });

  afterAll(cleanUp);

  function securityHeadersOf({ headers }: WireAnswer): Map<string, string> {
    const found = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
    return new Map(found.filter(([name]) => SECURITY_HEADERS.includes(name)));
  }

  /** Every answer until the server closes, or asks for more. */
  async function ask(bytes: string): Promise<WireAnswer[]> {
    const wire = Wire.to(server.url).send(bytes);
    if (bytes !== 'GET' && !bytes.includes('Length: 10')) wire.halfClose();
    return readAnswers(await wire.all(), [bytes.slice(0, 4)]);
  }

  function expectUsualHeaders(answer: WireAnswer, path = ''): void {
    const found = securityHeadersOf(answer);
    // Swagger UI draws its icons from `data:` addresses, and the pages of an account have a policy of their own.
    if (['/docs', '/login'].includes(path)) {
      expect(found.get(CSP)).toMatch(/^default-src 'none'; ?.*frame-ancestors 'none'$/);
      found.set(CSP, usual.get(CSP)!);
    }
    expect(found).toEqual(usual);
    const names = answer.headers.map(([name]) => name.toLowerCase());
    expect(names.filter((name, at) => name !== 'set-cookie' && names.indexOf(name) !== at)).toEqual([]);
    expect(names.filter((name) => ['x-powered-by', 'server', 'access-control-allow-origin'].includes(name))).toEqual(
      [],
    );
    expect(Date.parse(headerOf(answer, 'date')!)).not.toBeNaN();
    expect(headerOf(answer, 'x-request-id')).toMatch(/^[\da-f-]{36}$/);
    if (answer.status !== 204)
      expect(headerOf(answer, 'cache-control')).toMatch(/^(no-store|no-cache|public, max-age=31536000, immutable)$/);
    if (answer.status >= 400) expectProblem(answer);
  }

  function expectProblem(answer: WireAnswer): void {
    expect(headerOf(answer, 'cache-control')).toBe('no-store');
    if (headerOf(answer, 'content-type')?.startsWith('text/html')) {
      expect(answer.body).toMatch(/<code>\w+<\/code>/);
      return;
    }
    expect(headerOf(answer, 'content-type')).toBe('application/problem+json; charset=utf-8');
    if (answer.body === '') return;
    const problem = JSON.parse(answer.body) as Record<string, unknown>;
    expect(problem).toMatchObject({
      type: 'about:blank',
      status: answer.status,
      code: expect.stringMatching(/^[a-z_]+$/),
    });
    expect(problem['title']).not.toMatch(/^(Client|Server) Error$/);
  }

  it('has the whole set to begin with', () => {
    expect([...usual.keys()].sort()).toEqual(SECURITY_HEADERS);
  });

  it.each(kinds.map(([bytes, status]) => [bytes.slice(0, 60), status, bytes] as const))(
    'to %j, %i, has the same security headers',
    async (_name, status, bytes) => {
      const [answer, ...more] = await ask(bytes);

      expect(answer?.status).toBe(status);
      expect(more).toEqual([]);
      expectUsualHeaders(answer!, / (\S+) /.exec(bytes)?.[1]);
      expect(headerOf(answer!, 'allow') !== undefined).toBe(status === 405);
    },
  );

  it('of 304 has them', async () => {
    const etag = headerOf((await ask(request('GET /assets/home.css')))[0]!, 'etag')!;
    const [answer] = await ask(request('GET /assets/home.css', `If-None-Match: ${etag}`));

    expect(answer).toMatchObject({ status: 304 });
    expectUsualHeaders(answer!);
  });

  it('of 503 has them', async () => {
    await writeFile(switchFile, '');
    for (const path of ['/api/code', '/health/ready', '/']) {
      const [answer] = await ask(request(`GET ${path}`, `Cookie: __Host-sid=${'h'.repeat(22)}.${'s'.repeat(43)}`));
      expect(answer).toMatchObject({ status: 503 });
      expectUsualHeaders(answer!);
    }
    await rm(switchFile);
  });

  it('has them after 100 Continue, which has none', async () => {
    const wire = Wire.to(server.url);
    await wire.send(request('POST /api/session/end', FORM, 'Content-Length: 1', 'Expect: 100-continue')).waitFor(/100/);
    const [interim, answer] = readAnswers(await wire.send('x').halfClose().all());

    expect(interim).toMatchObject({ status: 100, headers: [] });
    expectUsualHeaders(answer!);
  });

  it('is not preceded by 100 Continue where it is a refusal', async () => {
    const answers = await ask(request('POST /api/code', FORM, 'Content-Length: 5000', 'Expect: 100-continue'));

    expect(answers).toMatchObject([{ status: 413 }]);
    expectUsualHeaders(answers[0]!);
  });

  it('has them when the server is stopping', async () => {
    const waiting = await Wire.to(server.url).send(request('GET /health/live')).waitFor(/ok/);
    const busy = Wire.to(server.url);
    await busy.send(request('POST /api/code', FORM, 'Content-Length: 6', 'Expect: 100-continue')).waitFor(/100/);
    server.signal('SIGTERM');
    await server.waitFor(/"msg":"stopping"/);
    waiting.send(request('GET /health/ready') + request('GET /none') + 'hunter2\r\n\r\n');
    const answers = readAnswers(await waiting.all());

    expect(answers.map(({ status }) => status)).toEqual([200, 503, 404]);
    for (const answer of answers) expectUsualHeaders(answer);
    for (const answer of readAnswers(await busy.all()).slice(1)) expectUsualHeaders(answer);
  });
});

it('has no Strict-Transport-Security where the cookie travels over plain HTTP', async () => {
  const server = await ReferenceServer.start({ inHost: true, env: { STORAGE: 'memory' } });
  const answers = await Promise.all(
    [request('GET /', 'Connection: close'), 'hunter2\r\n\r\n'].map((bytes) => Wire.to(server.url).send(bytes).all()),
  );

  for (const bytes of answers) {
    expect(headerOf(readAnswers(bytes)[0]!, 'strict-transport-security')).toBeUndefined();
    expect(headerOf(readAnswers(bytes)[0]!, 'content-security-policy')).toContain("default-src 'none'");
  }
  expect((await new BrowserClient(server.url).get('/')).status).toBe(200);
  await cleanUp();
});
