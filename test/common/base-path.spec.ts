import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Req } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import fc from 'fast-check';
import { basePath, basePathOf, forwardedPrefix, giveBasePath, withBasePath } from 'nest-gatehouse/common';
import { BrowserClient } from '../support/browser/browser-client.js';
import { PLATFORMS, startApp } from '../support/apps/platforms.js';

const everyone = () => true;
const said = (prefix: unknown) => ({ headers: { 'x-forwarded-prefix': prefix } });

/** Text of what an attacker may make of a path, markup and headers. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('/', '//', '\\', '..', '.', '%2e', '%2f', '@', ':', '?', '#', ';', ',', '"', "'", '<', '>', '&'),
      fc.constantFrom('\r\n', '\0', '\t', ' ', '\u2028', 'é', 'evil.example', 'https:', 'javascript:', 'shop', '/shop'),
      fc.string(),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('basePathOf', () => {
  it('takes over nothing that leads to another site, or out of a header or an attribute', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const base = forwardedPrefix(said(text), everyone);
        expect(base).toMatch(/^(\/[A-Za-z0-9._~-]+)*$/);
        for (const path of ['/', '/login', '//evil.example', '/?next=/a']) {
          const { origin, pathname } = new URL(withBasePath(base || '/shop', path), 'https://app.example');
          expect([origin, pathname.startsWith(`${base}/`)]).toEqual(['https://app.example', true]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes every path of plain segments, the first of a list', () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,20}$/);
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), hostile, (segments, rest) => {
        const path = `/${segments.join('/')}`;
        expect(basePath.parse(path)).toBe(path);
        expect(forwardedPrefix(said(path), everyone)).toBe(path);
        expect(forwardedPrefix(said(`${path} ,${rest}`), everyone)).toBe(path);
      }),
    );
  });

  it.each(['', '/', 'shop', '/shop/', '//shop', '/a//b', '/.', '/..', '/a/../b', '/a/./b', `/${'a'.repeat(256)}`])(
    'ignores %j, which is none',
    (text) => {
      expect(basePath.safeParse(text).success).toBe(false);
      expect(forwardedPrefix(said(text), everyone)).toBe('');
    },
  );

  it('believes a header only of whom its reader trusts, and above it what was given', () => {
    const request = said('/shop');
    expect(forwardedPrefix(request, () => false)).toBe('');
    expect(basePathOf(request)).toBe('');
    giveBasePath(request, '/given');
    expect([basePathOf(request), basePathOf({ ...said('/shop'), raw: request })]).toEqual(['/given', '/given']);
  });

  it('puts itself in front of paths, and leaves other addresses alone', () => {
    expect(withBasePath('/shop', '/login')).toBe('/shop/login');
    expect(withBasePath('/shop', 'https://other.example/')).toBe('https://other.example/');
  });

  @Controller()
  class BaseController {
    @Get()
    show(@Req() request: object) {
      return { base: basePathOf(request) };
    }
  }

  const baseSeen = async (platform: (typeof PLATFORMS)[number], trustProxy: string | false, headers: object) => {
    const prepare = (app: { getHttpAdapter(): unknown }) => {
      const adapter = app.getHttpAdapter();
      if (adapter instanceof ExpressAdapter) adapter.getInstance<express.Express>().set('trust proxy', trustProxy);
    };
    const app = await startApp(platform, { controllers: [BaseController] }, prepare, { trustProxy });
    try {
      return (await new BrowserClient(app.url, { ...headers }).get('/')).json().base;
    } finally {
      await app.close();
    }
  };

  it.each(PLATFORMS)('goes by the trust of %s', async (platform) => {
    const prefix = { 'x-forwarded-prefix': '/shop' };
    expect(await baseSeen(platform, 'loopback', prefix)).toBe('/shop');
    expect(await baseSeen(platform, 'loopback', { ...prefix, 'x-forwarded-host': 'shop.example' })).toBe('/shop');
    expect(await baseSeen(platform, 'loopback', {})).toBe('');
    // The direct peer is what counts, not whom it says it speaks for.
    expect(await baseSeen(platform, '192.0.2.1', { ...prefix, 'x-forwarded-for': '192.0.2.1' })).toBe('');
    expect(await baseSeen(platform, false, prefix)).toBe('');
    expect(await baseSeen(platform, false, { ...prefix, 'x-forwarded-host': 'forwarded.invalid' })).toBe('');
  });
});
