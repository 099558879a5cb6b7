import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { API_KEY_SCOPES } from 'nest-gatehouse/sessman/storage';
import { exchange } from '../support/browser/raw-http.js';
import { onEveryPlatform, type SessmanApp } from './support/sessman-app.js';
import { sharingApps } from '../support/apps/combinations.js';

/** The table of programs in `docs/rights.md`: each route with the scopes that open it. */
const ROUTES = (await readFile('docs/rights.md', 'utf8'))
  .split(/<!-- (?:end of )?programs -->/)[1]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [route, ...cells] = line
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', ''))
      .slice(1, -1);
    const [method, path] = route!.split(' /sessman/') as [string, string];
    const query = /new|list/.test(path) ? '?userid=ann' : '?sessionid=x';
    return { method, path: path + query, opens: API_KEY_SCOPES.filter((_, at) => cells[at] === 'yes') };
  });

function call(app: SessmanApp, path: string, init: RequestInit = {}) {
  return fetch(`${app.url}/sessman/${path}`, { method: 'POST', ...init });
}

sharingApps(onEveryPlatform)('a program’s API key', (start) => {
  it('is asked for on every route, before anything is read or stored', async () => {
    const app = await start();
    app.store.take();
    expect(ROUTES).toHaveLength(9);
    for (const { method, path } of ROUTES) {
      const refused = await call(app, path, { method });
      expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'api_key_required' }]);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="sessman"');
      expect(refused.headers.get('x-request-id')).toMatch(/^\S+$/);
    }
    expect(app.store.take()).toEqual([]);
  });

  it('is taken from Authorization: Bearer alone', async () => {
    const app = await start();
    const { key } = await app.program();
    const secret = key.slice(-43);
    const wrongPlaces: [string, RequestInit][] = [
      [`new?userid=ann&key=${key}&api_key=${key}&access_token=${key}&auth=${key}`, {}],
      ['new?userid=ann', { headers: { 'x-api-key': key } }],
      ['new?userid=ann', { headers: { cookie: `sid=${key}; auth=${key}` } }],
      ['new?userid=ann', { headers: { authorization: key } }],
      ['new?userid=ann', { headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` } }],
      ['new?userid=ann', { headers: { authorization: `Bearer "${key}" x` } }],
      ['new?userid=ann', { body: JSON.stringify({ auth: key }) }],
      [
        'new?userid=ann',
        { body: `access_token=${key}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      ],
    ];
    for (const [path, init] of wrongPlaces) {
      const refused = await call(app, path, init);
      const text = await refused.text();
      expect([refused.status, JSON.parse(text)]).toMatchObject([401, { code: 'api_key_required' }]);
      expect(text).not.toContain(secret);
    }
    for (const scheme of ['bearer', 'BEARER', 'Bearer']) {
      const made = await call(app, 'new?userid=ann', { headers: { authorization: `${scheme} ${key}` } });
      expect(made.status).toBe(201);
    }
  });

  it('is refused alike if it is unknown, expired, revoked or has another secret', async () => {
    const app = await start();
    const program = await app.program();
    const expiring = await app.keys.create({
      namespace: 'shop',
      scopes: ['sessions:write'],
      expiresAt: new Date(app.clock.now() + 60_000).toISOString(),
    });
    const revoked = await app.program();
    await app.keys.revoke(revoked.id);
    app.clock.advance(60_000);
    const [mark, id, secret] = [program.key.slice(0, 3), program.id, program.key.slice(-43)];
    const other = secret.startsWith('A') ? `B${secret.slice(1)}` : `A${secret.slice(1)}`;
    const bodies = new Set<string>();
    for (const key of [
      `${mark}${'0'.repeat(20)}_${secret}`,
      expiring.key,
      revoked.key,
      `${mark}${id}_${other}`,
      'gh_x',
    ]) {
      const refused = await call(app, 'new?userid=ann', { headers: { authorization: `Bearer ${key}` } });
      expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="sessman", error="invalid_token"');
      expect(refused.status).toBe(401);
      bodies.add(await refused.text());
    }
    expect([...bodies].map((text) => JSON.parse(text) as unknown)).toMatchObject([{ code: 'api_key_invalid' }]);
  });

  it('is found by no guess, whatever its form', async () => {
    const app = await start();
    const { key } = await app.program();
    const guess = fc.oneof(
      fc.string({ unit: 'binary-ascii' }),
      fc.integer({ min: 0, max: key.length - 1 }).map((at) => key.slice(0, at)),
      fc.constant(`${key}x`),
      fc
        .string({ unit: fc.constantFrom(...'0123456789abcdef_'), minLength: 20, maxLength: 70 })
        .map((text) => `gh_${text}`),
    );
    await fc.assert(
      fc.asyncProperty(guess, async (text) => {
        const header = text.replace(/[^\x21-\x7e]/g, '');
        const refused = await call(app, 'new?userid=ann', { headers: { authorization: `Bearer ${header}` } });
        expect([refused.status, await refused.json()]).toMatchObject([
          401,
          { code: expect.stringMatching(/^api_key/) },
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it('opens what its scopes say', async () => {
    const app = await start();
    for (const scope of API_KEY_SCOPES) {
      const program = await app.program({ scopes: [scope] });
      for (const { method, path, opens } of ROUTES) {
        const answer = await (method === 'GET' ? program.get(path) : program.post(path));
        if (opens.includes(scope)) expect(answer.status).not.toBe(403);
        else expect([answer.status, answer.json()]).toMatchObject([403, { code: 'scope_missing' }]);
      }
    }
  });

  it('has its requests counted, and is told of it in every answer', async () => {
    const app = await start({ sessman: { requestsPerMinute: 3 } });
    const [program, other] = [await app.program(), await app.program()];
    const rate = ({ headers }: { headers: Headers }) => [headers.get('ratelimit-policy'), headers.get('ratelimit')];
    const seconds = expect.stringMatching(/^"key";r=2;t=(60|59)$/);
    expect(rate(await program.get('get?sessionid=x'))).toEqual(['"key";q=3;w=60', seconds]);
    await program.post('new');
    await program.post('new?userid=ann');
    const refused = await program.post('new?userid=ann');
    expect([refused.status, refused.json()]).toMatchObject([429, { code: 'rate_limited' }]);
    expect(Number(refused.headers.get('retry-after') ?? 60)).toBeGreaterThan(0);
    expect(rate(refused)[1]).toMatch(/^"key";r=0;t=\d+$/);
    expect((await other.post('new?userid=ann')).status).toBe(201);
  });

  it('is not needed on a server of the loopback interface, where that is the option', async () => {
    const app = await start({ sessman: { auth: 'none' } });
    const made = await call(app, 'new?userid=ann');
    expect(made.status).toBe(201);
    const { session_id: id } = (await made.json()) as { session_id: string };
    expect((await app.stored(id))?.userId).toBe('sessman:default:ann');
  });

  it('is asked for by browsers of allowed origins only', async () => {
    const app = await start({ sessman: { corsOrigins: ['https://app.example.com'] } });
    const program = await app.program();
    const preflight = (origin: string) =>
      call(app, 'patch', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,idempotency-key',
        },
      });
    const allowed = await preflight('https://app.example.com');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(allowed.headers.get('access-control-allow-headers')).toMatch(/Authorization.*If-Match,Idempotency-Key/);
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();

    for (const path of ['get?sessionid=x', 'list?userid=ann']) {
      const answer = await program.get(path, { origin: 'https://app.example.com' });
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
      expect(answer.headers.get('access-control-expose-headers')).toBe(
        'ETag,Retry-After,RateLimit,RateLimit-Policy,X-Request-Id',
      );
      expect(answer.headers.get('vary')).toContain('Origin');
    }
    const closed = await (await start()).program();
    const answer = await closed.get('list?userid=ann', { origin: 'https://app.example.com' });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('that comes twice is taken as the first', async () => {
    const app = await start();
    const { key } = await app.program();
    const lines = ['POST /sessman/new?userid=ann HTTP/1.1', 'Host: x', 'Connection: close', 'Content-Length: 0'];
    const twice = [...lines, `Authorization: Bearer gh_x`, `Authorization: Bearer ${key}`, '', ''].join('\r\n');
    expect(await exchange(app.url, twice)).toMatch(/^HTTP\/1\.1 401 /);
  });
});
