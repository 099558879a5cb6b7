import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import fc from 'fast-check';
import { AuthModule, CommonPasswords, UserService } from 'nest-gatehouse/auth';
import { safeNext } from 'nest-gatehouse/auth/http';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { codeOf, LOGIN, onOnePlatform, PASSWORD } from './support/auth-app.js';
import { startApp } from '../support/apps/platforms.js';
import { rawRequest } from './support/raw-request.js';

const OLD = { id: 'old', secret: 'an old pepper of enough characters' };
const NEW = { id: 'new', secret: 'a new pepper with enough characters' };

function digest(pepper: string, password: string): string {
  return createHmac('sha384', pepper).update(password.normalize('NFC')).digest('base64');
}

onOnePlatform('Password hashes', (start) => {
  it('are bcrypt over the HMAC of the password, and rise with cost and pepper at the next sign-in', async () => {
    const app = await start({ auth: { bcryptCost: 5, peppers: [NEW, OLD] } });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const { users } = app.app.get(AuthStorage);
    const hashOf = async () => {
      const { passwordHash, pepperId } = (await users.findById(user.id))!;
      return { cost: passwordHash!.slice(4, 6), pepperId, passwordHash: passwordHash! };
    };
    expect(await bcrypt.compare(digest(NEW.secret, PASSWORD), (await hashOf()).passwordHash)).toBe(true);
    const former = [
      { pepperId: OLD.id, passwordHash: await bcrypt.hash(digest(OLD.secret, PASSWORD), 5) },
      { pepperId: null, passwordHash: await bcrypt.hash(digest('', PASSWORD), 4) },
    ];
    for (const hash of former) {
      await users.update(user.id, hash);
      expect(codeOf(await app.browser().post(LOGIN, { username: 'alice', password: 'wrong' }))).toBe(
        'invalid_credentials',
      );
      expect(await hashOf()).toMatchObject({ pepperId: hash.pepperId });
      const client = await app.signedIn();
      expect(await hashOf()).toMatchObject({ pepperId: 'new', cost: '05' });
      expect((await client.get('/auth/me')).status).toBe(200);
    }
  });

  it('under a pepper that is gone open nothing', async () => {
    const app = await start({ auth: { peppers: [NEW] } });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const { users } = app.app.get(AuthStorage);
    const hash = await bcrypt.hash(digest(OLD.secret, PASSWORD), 4);
    await users.update(user.id, { pepperId: 'lost', passwordHash: hash });
    expect(codeOf(await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD }))).toBe(
      'invalid_credentials',
    );
  });
});

describe('CommonPasswords', () => {
  it('knows what everybody tries, written twice or thrice too, and nothing else', () => {
    const list = new CommonPasswords();
    for (const password of ['123456789987654321', 'PasswordPassword', 'qwertyqwertyqwerty'])
      expect(list.has(password)).toBe(true);
    for (const password of [PASSWORD, 'x'.repeat(80), 'é'.repeat(40), 'passwordpassword!'])
      expect(list.has(password)).toBe(false);
  });
});

describe('safeNext', () => {
  it('stays on our own origin', () => {
    const origin = 'https://app.example';
    for (const next of ['/', '/a?b=c#d', '/a//b', '/%2f%2fevil.example']) expect(safeNext(next, origin)).toBe(next);
    expect(safeNext('https://app.example/a', origin)).toBe('/a');
    const foreign = [
      '//evil.example',
      '/\\evil.example',
      '/.//evil.example',
      '/..//evil.example',
      '/\t/evil.example',
      '/\n/evil.example',
    ];
    const others = [
      'https:evil.example',
      'https://app.example.evil.example/',
      'javascript:alert(1)',
      'data:,x',
      '',
      ' /a',
      7,
      null,
      ['/a'],
      `/${'a'.repeat(3_000)}`,
    ];
    for (const next of [...foreign, ...others])
      expect([next, safeNext(next, origin, '/home')]).toEqual([next, '/home']);
    expect(safeNext('http://gatehouse.invalid/a', 'https://app.example')).toBe('/');
  });

  it('stays below the base path, whatever is asked for', () => {
    const origin = 'https://app.example';
    const part = fc.constantFrom(
      '/',
      '//',
      '/\\',
      '..',
      '.',
      '%2e',
      '\t',
      '@',
      '?',
      '#',
      ':',
      'evil.example',
      'shop',
      'a',
    );
    const start = fc.constantFrom('', '/', '//', origin, `${origin}/`, `${origin}/shop`, `${origin}/shop/`, 'https://');
    const next = fc.tuple(start, fc.array(part, { maxLength: 8 })).map(([begin, parts]) => begin + parts.join(''));
    fc.assert(
      fc.property(next, fc.constantFrom('', '/shop'), (text, base) => {
        const url = new URL(base + safeNext(text, origin, '/home', base), origin);
        expect([url.origin, url.pathname.startsWith(`${base}/`)]).toEqual([origin, true]);
      }),
      { numRuns: 2_000 },
    );
    expect(safeNext(`${origin}/shop/a?b=c#d`, origin, '/home', '/shop')).toBe('/a?b=c#d');
    expect(safeNext(`${origin}/other`, origin, '/home', '/shop')).toBe('/home');
  });
});

describe('AuthModule options', () => {
  const start = (auth: object) =>
    startApp('express', {
      imports: [MemoryStorageModule.forRoot(), SessionModule.forRoot(), AuthModule.forRoot(auth)],
    });

  it('are refused by name', async () => {
    const refused: [object, string][] = [
      [{ bcryptCost: 3 }, 'bcryptCost'],
      [{ peppers: [{ id: 'p', secret: 'short' }] }, 'peppers.0.secret'],
      [{ peppers: [NEW, NEW] }, 'peppers'],
      [{ maxDelay: 'soon' }, 'maxDelay'],
      [{ networkLimit: -1 }, 'networkLimit'],
      [{ allowedOrigins: ['https://app.example/path'] }, 'allowedOrigins.0'],
      [{ allowedOrigins: ['https://*.example.com'] }, 'allowedOrigins.0: a wildcard never matches: list each origin'],
      [{ allowedOrigins: ['file:///app'] }, 'allowedOrigins.0: expected an origin'],
      [{ userFields: 'email' }, 'userFields'],
      [{ sessionLimitPolicy: 'maybe' }, 'sessionLimitPolicy'],
      [{ password: { minLength: 4 } }, 'password.minLength'],
      [{ unknown: 1 }, 'unknown'],
    ];
    for (const [options, name] of refused) await expect(start(options)).rejects.toThrow(name);
  });

  it('may come later', async () => {
    const auth = AuthModule.forRootAsync({ prefix: 'id', useFactory: async () => ({ bcryptCost: 4 }) });
    const app = await startApp('fastify', { imports: [MemoryStorageModule.forRoot(), SessionModule.forRoot(), auth] });
    await app.app.get(UserService).create({ username: 'alice', password: PASSWORD });
    expect((await rawRequest(`${app.url}/id/login`, { body: { username: 'alice', password: PASSWORD } })).status).toBe(
      200,
    );
    await app.close();
  });

  it('do not let production keep accounts in memory unasked', async () => {
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = 'production';
    try {
      await expect(start({})).rejects.toThrow('AuthModule has no storage for UserStore, LoginAttempts, AuditLog');
    } finally {
      process.env.NODE_ENV = NODE_ENV;
    }
  });
});
