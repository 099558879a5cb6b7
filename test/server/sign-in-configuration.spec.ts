import { describe, expect, it } from '@jest/globals';
import { loadConfiguration, type Environment } from '../../src/config/configuration.js';
import { ConfigurationError } from '../../src/config/configuration.error.js';

function load(environment: Environment = {}) {
  return loadConfiguration(environment).configuration;
}

function faultsOf(environment: Environment): readonly string[] {
  try {
    loadConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration of signing in', () => {
  it('keeps the description of the routes to administrators in production', () => {
    expect(load({ NODE_ENV: 'production' }).DOCS).toBe(false);
    expect(load({ NODE_ENV: 'production', DOCS: 'true' }).DOCS).toBe(true);
  });

  it('reads peppers, the newest first', () => {
    const [first, second] = ['a'.repeat(32), 'b'.repeat(40)];
    expect(load({ PASSWORD_PEPPER: first }).PASSWORD_PEPPER).toEqual([{ id: 'default', secret: first }]);
    expect(load({ PASSWORD_PEPPER: `v2:${second},${first}` }).PASSWORD_PEPPER).toEqual([
      { id: 'v2', secret: second },
      { id: 'default', secret: first },
    ]);
  });

  it('reads origins', () => {
    expect(load({ ALLOWED_ORIGINS: 'https://a.example, http://localhost:8080' }).ALLOWED_ORIGINS).toEqual([
      'https://a.example',
      'http://localhost:8080',
    ]);
  });

  it('hashes as fast as it is told, down to what bcrypt can', () => {
    expect(load({ BCRYPT_COST: '4' }).BCRYPT_COST).toBe(4);
    expect(faultsOf({ BCRYPT_COST: '3' })).toEqual([expect.stringMatching(/^BCRYPT_COST: /)]);
  });

  it('asks for no recent password to end sessions unless told', () => {
    expect(load().END_SESSIONS_NEED_RECENT_AUTH).toBe(false);
    expect(load({ END_SESSIONS_NEED_RECENT_AUTH: 'false' }).END_SESSIONS_NEED_RECENT_AUTH).toBe(false);
    expect(load({ END_SESSIONS_NEED_RECENT_AUTH: '15m' }).END_SESSIONS_NEED_RECENT_AUTH).toBe(900_000);
  });

  it('wants both halves of the first administrator', () => {
    expect(faultsOf({ GATEHOUSE_ADMIN_USER: 'ada' })).toEqual([expect.stringMatching(/^GATEHOUSE_ADMIN_PASSWORD: /)]);
    expect(faultsOf({ GATEHOUSE_ADMIN_PASSWORD: 'secret' })).toEqual([
      expect.stringMatching(/^GATEHOUSE_ADMIN_USER: /),
    ]);
  });

  it.each([
    ['BCRYPT_COST', '19'],
    ['BCRYPT_COST', '12.5'],
    ['PASSWORD_PEPPER', 'too short'],
    ['PASSWORD_PEPPER', `a:${'x'.repeat(32)},a:${'y'.repeat(32)}`],
    ['LOGIN_FREE_FAILURES', '0'],
    ['LOGIN_MAX_DELAY', 'long'],
    ['LOGIN_HARD_LIMIT', 'Infinity'],
    ['LOGIN_NETWORK_LIMIT', '-1'],
    ['MAX_SESSIONS_PER_USER', '1e3'],
    ['SESSION_LIMIT_POLICY', 'newest'],
    ['END_SESSIONS_NEED_RECENT_AUTH', 'true'],
    ['END_SESSIONS_NEED_RECENT_AUTH', '0'],
    ['AUTH_PAGES', 'no'],
    ['ALLOWED_ORIGINS', 'https://a.example/path'],
    ['ALLOWED_ORIGINS', '*'],
    ['DOCS', '1'],
  ])('refuses %s=%s and names it', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .+`))]);
  });

  it('repeats no secret', () => {
    const secret = 'hunter2-hunter2';
    expect(faultsOf({ PASSWORD_PEPPER: secret }).join()).not.toContain(secret);
    expect(faultsOf({ GATEHOUSE_ADMIN_PASSWORD: secret }).join()).not.toContain(secret);
  });
});
