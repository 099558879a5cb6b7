import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BrowserClient, type Answer } from '../support/browser/browser-client.js';
import { exchange } from '../support/browser/raw-http.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';

const SECRET = 'hunter2';
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

describe.each(['fastify', 'express'])('a problem document, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;
  let client: BrowserClient;

  beforeAll(async () => {
    server = await ReferenceServer.start({ inHost: true, env: { HTTP_ADAPTER, STORAGE: 'memory', BODY_LIMIT: '1kb' } });
    client = new BrowserClient(server.url);
  });

  afterAll(cleanUp);

  function post(body: string | Buffer, headers: Record<string, string>): Promise<Answer> {
    return client.request('POST', '/api/code', { body, headers });
  }

  function expectProblem(answer: Answer, status: number, code: string): void {
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const problem = answer.json();
    expect(problem).toMatchObject({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: expect.any(String),
      code,
    });
    expect(Object.keys(problem).filter((key) => key !== 'errors')).toEqual([
      'type',
      'title',
      'status',
      'detail',
      'code',
    ]);
    expect(answer.text).not.toMatch(
      new RegExp(`${SECRET}|\\.js|node_modules|fastify|express|nest|stack|Unexpected|JSON at`, 'i'),
    );
    expect(answer.setCookies).toEqual([]);
  }

  it('tells a wrong address', async () => {
    expectProblem(await client.get(`/${SECRET}`), 404, 'not_found');
    expectProblem(await client.post(`/${SECRET}`, {}), 404, 'not_found');
  });

  it.each(['/api/code/', '/API/code', '//api/code', '/health', '/assets/none.css', '/assets/..%2f..%2fpackage.json'])(
    'finds nothing at %s',
    async (path) => {
      expectProblem(await client.get(path), 404, 'not_found');
    },
  );

  it.each([
    ['DELETE', '/api/code', 'GET, HEAD, POST'],
    ['OPTIONS', '/api/code', 'GET, HEAD, POST'],
    ['POST', '/', 'GET, HEAD'],
    ['GET', '/api/session/end', 'POST'],
    ['PUT', '/health/ready', 'GET, HEAD'],
    ['PATCH', '/assets/home.css', 'GET, HEAD'],
  ])('tells a wrong method: %s %s', async (method, path, allow) => {
    const answer = await client.request(method, path);

    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it.each(['/%', '/%ff', '/api/code%', '/%E0%A4%A/x'])('tells the malformed address %s', async (path) => {
    expectProblem(await client.get(path), 400, 'invalid_url');
  });

  it.each([[`{"code": "${SECRET}`], ['{code: 1}'], ["{'code': 'x'}"], ['\u0000'], ['NaN']])(
    'tells broken JSON: %j',
    async (body) => {
      expectProblem(await post(body, JSON_TYPE), 400, 'invalid_json');
    },
  );

  it('tells JSON that is not UTF-8', async () => {
    expectProblem(await post(Buffer.from('{"code":"\xff\xfe"}', 'latin1'), JSON_TYPE), 400, 'invalid_json');
  });

  it.each([
    ['nothing', undefined, {}],
    ['an empty JSON body', '', JSON_TYPE],
    ['an empty object', '{}', JSON_TYPE],
    ['an array', '["code"]', JSON_TYPE],
    ['a text', '"code"', JSON_TYPE],
    ['null', 'null', JSON_TYPE],
    ['another field', 'kode=x', FORM_TYPE],
    ['a nested field', 'code[]=x', FORM_TYPE],
    ['a prototype', '{"__proto__": {"code": "x"}}', JSON_TYPE],
  ])('tells a missing field in %s', async (_name, body, headers) => {
    const answer = await client.request('POST', '/api/code', { body, headers: headers as Record<string, string> });

    expectProblem(answer, 400, 'code_missing');
    expect(answer.json()).toMatchObject({ errors: [{ field: 'code', message: expect.any(String) }] });
  });

  it.each([
    ['{"code": 5}', JSON_TYPE],
    ['{"code": null}', JSON_TYPE],
    ['{"code": {"$gt": ""}}', JSON_TYPE],
    ['{"code": ["x"]}', JSON_TYPE],
    ['code=a&code=b', FORM_TYPE],
  ])('tells a field that is no text: %s', async (body, headers) => {
    const answer = await post(body, headers);

    expectProblem(answer, 400, 'code_invalid');
    expect(answer.json()).toMatchObject({ errors: [{ field: 'code' }] });
  });

  it.each<Record<string, string>>([
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/xml' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    { 'content-type': 'application/json; charset=latin1' },
    { 'content-type': 'application/jsonp' },
    { 'content-type': 'nonsense' },
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    { 'content-type': 'application/json', 'content-encoding': 'br' },
  ])('tells a body it does not read: %j', async (headers) => {
    expectProblem(await post('{"code":"x"}', headers), 415, 'unsupported_media_type');
  });

  it('tells a body without a type', async () => {
    const text = await exchange(
      server.url,
      'POST /api/code HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nConnection: close\r\n\r\ncode=x',
    );

    expect(text).toMatch(/^HTTP\/1\.1 415 /);
    expect(text).toContain('"code":"unsupported_media_type"');
  });

  it.each([
    ['JSON', JSON.stringify({ code: 'x'.repeat(2000) }), JSON_TYPE],
    ['a form', `code=${'x'.repeat(2000)}`, FORM_TYPE],
  ])('tells a body that is too large: %s', async (_name, body, headers) => {
    expectProblem(await post(body, headers), 413, 'body_too_large');
    expectProblem(
      await client.request('POST', '/api/code', { body: new Blob([body]).stream(), headers, duplex: 'half' }),
      413,
      'body_too_large',
    );
  });

  it.each([
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost: x\r\nhunter2\r\n\r\n', 400, 'bad_request'],
    ['no HTTP at all', 'hunter2\r\n\r\n', 400, 'bad_request'],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'bad_request'],
    [
      'a length that is no number',
      'POST /api/code HTTP/1.1\r\nHost: x\r\nContent-Length: hunter2\r\n\r\n',
      400,
      'bad_request',
    ],
    [
      'two lengths',
      'POST /api/code HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'bad_request',
    ],
    ['too many headers', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('tells a request that is none: %s', async (_name, bytes, status, code) => {
    const text = await exchange(server.url, bytes);
    const [head, body] = text.split('\r\n\r\n') as [string, string];

    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/content-type: application\/problem\+json/i);
    expect(JSON.parse(body)).toMatchObject({ status, code });
    expect(text).not.toContain(SECRET);
  });

  it.each(['/none', '/%'])('is a page for a browser, at %s', async (path) => {
    const answer = await client.get(path, { headers: { accept: 'text/html,application/xhtml+xml;q=0.9' } });

    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.text).toMatch(/<h1[^>]*>(Not Found|Bad Request)<\/h1>/);
    expect(answer.text).toMatch(/<code>(not_found|invalid_url)<\/code>/);
  });

  it('comes with the security headers', async () => {
    for (const path of ['/none', '/%', '/api/code']) {
      const { headers } = await client.request('DELETE', path);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });
});
