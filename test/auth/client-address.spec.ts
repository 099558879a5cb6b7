import { describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../support/apps/platforms.js';
import { withProxiedApp, type Headers, type ProxiedApp } from './support/proxied-app.js';

const [WRONG, STOPPED] = ['invalid_credentials', 'too_many_attempts'];
const WRONG_PASSWORD = 'a wrong password, quite wrong';

function by(address: string): Headers {
  return { 'x-forwarded-for': address };
}

/** One failure each, of as many usernames. */
async function strangers(app: ProxiedApp, addresses: readonly string[]): Promise<unknown[]> {
  const codes: unknown[] = [];
  for (const [n, address] of addresses.entries())
    codes.push((await app.login(by(address), `user${n}`, WRONG_PASSWORD)).code);
  return codes;
}

/** Signs alice in. @returns what the server knows of where she is */
async function whereabouts(app: ProxiedApp, headers: Headers) {
  const answer = await app.login(headers);
  expect(answer.status).toBe(200);
  const cookie = answer.headers['set-cookie']![0]!;
  const list = await app.request('GET', '/auth/sessions', { ...headers, cookie: cookie.split(';')[0]! });
  const { items } = JSON.parse(list.text) as { items: { ip: string | null; current: boolean }[] };
  const entry = app.audit.filter(({ type }) => type === 'login.ok').at(-1)!;
  return {
    listed: items.find(({ current }) => current)!.ip,
    audited: entry.ip,
    known: (await app.users.find('alice'))!.knownNetworks,
    secure: cookie.includes('; Secure'),
  };
}

const variants = PLATFORMS.flatMap((platform) => [false, true].map((middleware) => ({ platform, middleware })));

describe.each(variants)('The client ($platform, middleware: $middleware)', (variant) => {
  for (const listen of ['tcp', 'unix'] as const) {
    const trusting = { ...variant, trust: 'loopback', listen };

    it(`is who a trusted proxy says, however it writes the address (${listen})`, async () => {
      await withProxiedApp(trusting, async (app) => {
        const spellings = ['198.51.100.7:50001', '198.51.100.7', '::ffff:198.51.100.7', '203.0.113.1, 198.51.100.7:1'];
        for (const spelling of spellings) {
          const seen = await whereabouts(app, by(spelling));
          expect(seen).toMatchObject({ listed: '198.51.100.7', audited: '198.51.100.7', known: ['198.51.100.7'] });
        }
        expect(await whereabouts(app, by('[2001:DB8::1]:443'))).toMatchObject({
          listed: '2001:db8::1',
          audited: '2001:db8::1',
          known: ['2001:db8:0:0::/64', '198.51.100.7'],
        });
        const ports = [1, 2, 3, 4].map((port) => `192.0.2.1:${port}`);
        expect(await strangers(app, [...ports, '192.0.2.2:1'])).toEqual([WRONG, WRONG, WRONG, STOPPED, WRONG]);
        expect(app.warnings).toEqual([]);
      });
    });

    it(`is found behind proxies that are written with ports themselves (${listen})`, async () => {
      await withProxiedApp({ ...trusting, trust: 'loopback, 10.0.0.0/8' }, async (app) => {
        const seen = await whereabouts(app, by('203.0.113.1, 198.51.100.7:50001, 10.1.2.3:443, [::ffff:10.1.2.4]:443'));
        expect(seen).toMatchObject({ listed: '198.51.100.7', audited: '198.51.100.7', known: ['198.51.100.7'] });
      });
    });

    it(`is counted with nobody where a trusted proxy does not tell (${listen})`, async () => {
      await withProxiedApp(trusting, async (app) => {
        const texts = ['unknown', '_hidden', 'unknown', 'not an address', ':50001', 'unknown'];
        expect(await strangers(app, texts)).toEqual(texts.map(() => WRONG));
        expect(await whereabouts(app, by('unknown'))).toMatchObject({ listed: null, audited: null, known: [] });
        expect(app.warnings).toHaveLength(1);
      });
    });

    it(`has the origin and the scheme that a trusted proxy forwards (${listen})`, async () => {
      const forwarded = { ...by('198.51.100.7'), 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' };
      await withProxiedApp(trusting, async (app) => {
        expect((await app.login({ ...forwarded, origin: `http://${app.host}` })).code).toBe('cross_site');
        expect(await whereabouts(app, { ...forwarded, origin: 'https://shop.example' })).toMatchObject({
          secure: true,
        });
      });
      await withProxiedApp({ ...trusting, trust: false }, async (app) => {
        expect((await app.login({ ...forwarded, origin: 'https://shop.example' })).code).toBe('cross_site');
        expect(await whereabouts(app, { ...forwarded, origin: `http://${app.host}` })).toMatchObject({ secure: false });
      });
    });

    it(`is not the proxy that nobody trusts, and a warning says so once (${listen})`, async () => {
      await withProxiedApp({ ...trusting, trust: false, auth: { freeFailures: 6 } }, async (app) => {
        const addresses = Array.from({ length: 6 }, (_, n) => `198.51.100.${n}:50001`);
        expect(await strangers(app, addresses)).toEqual(addresses.map(() => WRONG));
        const { known } = await whereabouts(app, by('203.0.113.7'));
        expect(known).toEqual([]);
        expect(app.warnings).toHaveLength(1);
        for (const remedy of ['TRUST_PROXY', 'trust proxy', 'trustProxy']) expect(app.warnings[0]).toContain(remedy);
        // No header varies the username's own counter away.
        const codes: unknown[] = [];
        for (const address of [...addresses, '203.0.113.9']) codes.push((await app.login(by(address), 'bob')).code);
        expect(codes).toEqual([...addresses.map(() => WRONG), STOPPED]);
      });
    });
  }

  it('is the peer where nobody claims to stand in front', async () => {
    await withProxiedApp({ ...variant, trust: false }, async (app) => {
      const codes: unknown[] = [];
      for (let n = 0; n < 4; n++) codes.push((await app.login({}, `user${n}`, WRONG_PASSWORD, '127.0.0.2')).code);
      expect(codes).toEqual([WRONG, WRONG, WRONG, STOPPED]);
      // What has been stopped stays so, whatever it claims.
      for (const headers of [by('203.0.113.9'), { forwarded: 'for=203.0.113.9' }, { 'x-real-ip': '203.0.113.9' }])
        expect((await app.login(headers, 'alice', undefined, '127.0.0.2')).code).toBe(STOPPED);
      expect(await whereabouts(app, {})).toMatchObject({ listed: '127.0.0.1', known: ['127.0.0.1'] });
      expect(await whereabouts(app, by('127.0.0.1'))).toMatchObject({ known: ['127.0.0.1'] });
    });
  });

  it('at a Unix socket without a proxy cannot be told from others', async () => {
    await withProxiedApp({ ...variant, trust: 'loopback', listen: 'unix' }, async (app) => {
      const codes: unknown[] = [];
      for (let n = 0; n < 5; n++) codes.push((await app.login({}, `user${n}`, WRONG_PASSWORD)).code);
      expect(codes).toEqual(codes.map(() => WRONG));
      expect(await whereabouts(app, {})).toMatchObject({ listed: null, audited: null, known: [] });
      expect(app.warnings).toHaveLength(1);
      expect(app.warnings[0]).toContain('Unix socket');
    });
  });
});
