import { describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../support/apps/platforms.js';
import { withProxiedApp } from './support/proxied-app.js';

describe('Behind a proxy', () => {
  it('a client is who a trusted proxy says, and our origin what it forwards', async () => {
    for (const platform of PLATFORMS) {
      await withProxiedApp({ platform, trust: 'loopback' }, async ({ host, login }) => {
        const forwarded = { 'x-forwarded-host': 'shop.example:8443', 'x-forwarded-proto': 'https' };
        expect((await login({ ...forwarded, origin: 'https://shop.example:8443' })).status).toBe(200);
        for (const origin of ['https://shop.example', 'http://shop.example:8443', `http://${host}`]) {
          expect((await login({ ...forwarded, origin })).code).toBe('cross_site');
        }
        const from = (address: string) => login({ 'x-forwarded-for': address }, 'alice', 'wrong');
        const network = ['2001:db8::1', '2001:DB8:0:0::2', '2001:db8:0:0:ffff::3', '2001:db8::4'];
        const codes: unknown[] = [];
        for (const address of [...network, '2001:db8:0:1::1', '192.0.2.7', '::ffff:192.0.2.7'])
          codes.push((await from(address)).code);
        const wrong = 'invalid_credentials';
        expect(codes).toEqual([wrong, wrong, wrong, 'too_many_attempts', wrong, wrong, wrong]);
      });
    }
  });

  it('that nobody trusts, nothing of it counts', async () => {
    for (const platform of PLATFORMS) {
      await withProxiedApp({ platform, trust: false }, async ({ login }) => {
        const forwarded = {
          'x-forwarded-host': 'evil.example',
          'x-forwarded-proto': 'https',
          origin: 'https://evil.example',
        };
        expect((await login(forwarded)).code).toBe('cross_site');
      });
    }
  });
});
