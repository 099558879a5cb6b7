import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfiguration, type Environment } from '../../src/config/configuration.js';
import { ConfigurationError } from '../../src/config/configuration.error.js';
import { sessionOptions } from '../../src/config/session-options.js';
import { settings } from '../../src/config/settings.js';

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

describe('the configuration', () => {
  let directory: string;
  let files = 0;

  async function fileOf(content: string | object): Promise<string> {
    const path = join(directory, `${files++}.json`);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gatehouse-'));
  });

  afterAll(() => rm(directory, { recursive: true }));

  it('has a default for everything', () => {
    expect(load()).toEqual({
      HOST: 'localhost',
      PORT: 3000,
      HTTP_ADAPTER: 'fastify',
      TRUST_PROXY: false,
      STORAGE: 'sqlite',
      SQLITE_FILE: 'data/gatehouse.db',
      MONGODB_URI: 'mongodb://127.0.0.1:27017/gatehouse',
      MONGODB_AUTO_INDEX: true,
      SESSION_IDLE_TIMEOUT: 30 * 60_000,
      SESSION_ABSOLUTE_TIMEOUT: 12 * 3_600_000,
      SESSION_TOUCH_INTERVAL: 60_000,
      SESSION_RENEW_AFTER: 3_600_000,
      SESSION_RENEW_GRACE: 30_000,
      SESSION_LOCKING: 'none',
      SESSION_LOCK_WAIT: 5_000,
      SESSION_LOCK_LEASE: 30_000,
      SESSION_MAX_DATA_BYTES: 65_536,
      MAX_ANONYMOUS_SESSIONS: 100_000,
      MAX_ANONYMOUS_BYTES: 268_435_456,
      ANONYMOUS_PER_NETWORK: 1_000,
      SESSION_COOKIE_NAME: 'sid',
      SESSION_COOKIE_SECURE: 'auto',
      SESSION_COOKIE_PERSISTENT: false,
      HSTS_INCLUDE_SUBDOMAINS: false,
      SWEEP_INTERVAL: 60_000,
      STORE_DEADLINE: 2_000,
      BCRYPT_COST: 12,
      LOGIN_FREE_FAILURES: 5,
      LOGIN_MAX_DELAY: 15 * 60_000,
      LOGIN_HARD_LIMIT: 100,
      LOGIN_NETWORK_LIMIT: 100,
      MAX_SESSIONS_PER_USER: 10,
      SESSION_LIMIT_POLICY: 'end-oldest',
      END_SESSIONS_NEED_RECENT_AUTH: false,
      ONE_TIME_PASSWORD_TTL: 259_200_000,
      AUTH_PAGES: true,
      SESSION_TTL: 86_400_000,
      SESSION_TTL_MAX: 30 * 86_400_000,
      API_KEY_RATE: 6_000,
      SESSMAN_AUTH: 'api-key',
      METRICS: true,
      METRICS_HOST: '127.0.0.1',
      HITS_MODE: 'buffered',
      HITS_RETENTION: 90 * 86_400_000,
      HITS_DAILY_RETENTION: 730 * 86_400_000,
      BODY_LIMIT: 102_400,
      REQUEST_TIMEOUT: 30_000,
      HEADERS_TIMEOUT: 10_000,
      KEEP_ALIVE_TIMEOUT: 72_000,
      SEND_TIMEOUT: 60_000,
      MAX_HEADERS: 100,
      MAX_REQUESTS_PER_CONNECTION: 0,
      MAX_CONNECTIONS: 10_000,
      SHUTDOWN_GRACE: 10_000,
      DOCS: true,
      LOG_LEVEL: 'info',
    });
  });

  it('makes the cookie secure in production', () => {
    expect(load({ NODE_ENV: 'production' })).toMatchObject({
      SESSION_COOKIE_NAME: '__Host-sid',
      SESSION_COOKIE_SECURE: true,
    });
  });

  it('does as told with an insecure cookie in production, and warns', () => {
    const { configuration, warnings } = loadConfiguration({ NODE_ENV: 'production', SESSION_COOKIE_SECURE: 'false' });

    expect(configuration).toMatchObject({ SESSION_COOKIE_NAME: 'sid', SESSION_COOKIE_SECURE: false });
    expect(warnings).toEqual([expect.stringContaining('SESSION_COOKIE_SECURE=false')]);
  });

  it('reads durations and sizes', () => {
    expect(
      load({ SESSION_IDLE_TIMEOUT: '500ms', SESSION_RENEW_AFTER: 'false', SWEEP_INTERVAL: '90d', BODY_LIMIT: '64kb' }),
    ).toMatchObject({
      SESSION_IDLE_TIMEOUT: 500,
      SESSION_RENEW_AFTER: false,
      SWEEP_INTERVAL: 90 * 86_400_000,
      BODY_LIMIT: 65_536,
    });
  });

  it('takes 0 for no bound of anonymous sessions', () => {
    const none = { MAX_ANONYMOUS_SESSIONS: '0', MAX_ANONYMOUS_BYTES: '0', ANONYMOUS_PER_NETWORK: '0' };
    const expected = { MAX_ANONYMOUS_SESSIONS: 0, MAX_ANONYMOUS_BYTES: 0, ANONYMOUS_PER_NETWORK: 0 };
    expect(load(none)).toMatchObject(expected);
    expect(sessionOptions(load(none))).toMatchObject({
      maxAnonymousSessions: 0,
      maxAnonymousBytes: 0,
      anonymousPerNetwork: 0,
    });
    expect(load({ MAX_ANONYMOUS_BYTES: '1gb' }).MAX_ANONYMOUS_BYTES).toBe(1_073_741_824);
  });

  it('counts an empty value as not set', () => {
    expect(load({ PORT: '', GATEHOUSE_CONFIG: '' }).PORT).toBe(3000);
  });

  it.each([
    ['HOST', 'not a host'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['HTTP_ADAPTER', 'koa'],
    ['TRUST_PROXY', 'true'],
    ['BASE_PATH', '/'],
    ['BASE_PATH', 'shop'],
    ['BASE_PATH', '/shop/'],
    ['BASE_PATH', '//shop'],
    ['BASE_PATH', '/a/../b'],
    ['BASE_PATH', '/shop?a=b'],
    ['TRUST_PROXY', '10.0.0.0/99'],
    ['STORAGE', 'redis'],
    ['SESSION_IDLE_TIMEOUT', '30'],
    ['SESSION_IDLE_TIMEOUT', '0s'],
    ['SESSION_ABSOLUTE_TIMEOUT', 'a day'],
    ['SESSION_RENEW_AFTER', '-1h'],
    ['SESSION_LOCKING', 'always'],
    ['SESSION_MAX_DATA_BYTES', '0'],
    ['MAX_ANONYMOUS_SESSIONS', '-1'],
    ['MAX_ANONYMOUS_SESSIONS', '1e5'],
    ['MAX_ANONYMOUS_BYTES', 'plenty'],
    ['MAX_ANONYMOUS_BYTES', '-1mb'],
    ['ANONYMOUS_PER_NETWORK', 'Infinity'],
    ['SESSION_COOKIE_NAME', 'a;b'],
    ['SESSION_COOKIE_NAME', '__Host-sid'],
    ['SESSION_COOKIE_SECURE', 'yes'],
    ['SESSION_COOKIE_PERSISTENT', 'TRUE'],
    ['BODY_LIMIT', '1 elephant'],
    ['REQUEST_TIMEOUT', '0s'],
    ['SEND_TIMEOUT', 'never'],
    ['MAX_HEADERS', '0'],
    ['MAX_CONNECTIONS', '-1'],
    ['SHUTDOWN_GRACE', '10'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s and names it', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .+`))]);
  });

  it('names all wrong values at once', () => {
    expect(faultsOf({ PORT: 'x', STORAGE: 'x', LOG_LEVEL: 'x' })).toHaveLength(3);
  });

  it('never repeats a wrong value', () => {
    expect(faultsOf({ PORT: 'hunter2', SESSION_IDLE_TIMEOUT: 'hunter2' }).join()).not.toContain('hunter2');
  });

  it('trusts as many proxies as it is told', () => {
    const trust = load({ TRUST_PROXY: '2' }).TRUST_PROXY;

    expect([0, 1, 2].map((hop) => trust && trust('203.0.113.1', hop))).toEqual([true, true, false]);
  });

  it('trusts proxies by address', () => {
    const trust = load({ TRUST_PROXY: 'loopback, 10.0.0.0/8' }).TRUST_PROXY;

    expect(['127.0.0.1', '10.1.2.3', '192.168.0.1'].map((address) => trust && trust(address, 0))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('reads a file beneath the environment', async () => {
    const path = await fileOf({ PORT: 8080, SESSION_COOKIE_PERSISTENT: true, STORAGE: 'memory', HOST: '' });

    expect(load({ GATEHOUSE_CONFIG: path, PORT: '9090' })).toMatchObject({
      PORT: 9090,
      SESSION_COOKIE_PERSISTENT: true,
      STORAGE: 'memory',
      HOST: 'localhost',
    });
  });

  it('names an unknown key of the file, with every other fault', async () => {
    const path = await fileOf({ SESION_IDLE_TIMEOUT: '1h', PORT: 'x', HOST: ['a'] });
    const faults = faultsOf({ GATEHOUSE_CONFIG: path, LOG_LEVEL: 'x' });

    expect(faults).toHaveLength(4);
    expect(faults.join('\n')).toMatch(/"SESION_IDLE_TIMEOUT"[^]*HOST[^]*PORT \(in .*json\)[^]*LOG_LEVEL:/);
  });

  it.each([['{"PORT": "hunter2"'], ['[]'], ['"PORT"']])('refuses %s as a file without quoting it', async (content) => {
    const [fault] = faultsOf({ GATEHOUSE_CONFIG: await fileOf(content) });

    expect(fault).toMatch(/^GATEHOUSE_CONFIG/);
    expect(fault).not.toContain('hunter2');
  });

  it('reads the file of a session service, with comments and a trailing comma', async () => {
    const path = await fileOf(`{
      // As in the original's example.
      "username": "ps_sessman", "password": "p@ss:w/rd?#%",
      "server_url": "mongo.domain.tld:27017",
      "database": "sessman",
      "session_ttl": 3600,
    }`);
    expect(load({ GATEHOUSE_CONFIG: path })).toMatchObject({
      STORAGE: 'mongoose',
      MONGODB_URI: 'mongodb://mongo.domain.tld:27017/sessman',
      MONGODB_LOGIN: { username: 'ps_sessman', password: 'p@ss:w/rd?#%', authSource: 'sessman' },
      SESSION_TTL: 3_600_000,
    });
    const elsewhere = load({ GATEHOUSE_CONFIG: path, MONGODB_URI: 'mongodb://other/db', SESSION_TTL: '90d' });
    expect(elsewhere.MONGODB_LOGIN).toBeUndefined();
    expect(elsewhere.SESSION_TTL).toBe(90 * 86_400_000);
  });

  it.each([
    [
      { password: undefined },
      /^password \(in .*\): missing; username, password, server_url, database belong together$/,
    ],
    [{ username: 5 }, /^username \(in .*\): expected a text in quotes/],
    [{ password: '' }, /^password \(in .*\): expected a text in quotes/],
    [{ password: 12345 }, /^password \(in .*\): expected a text in quotes/],
    [{ server_url: 'https://mongo' }, /^server_url \(in .*\): expected HOST:PORT/],
    [{ server_url: 'user:secret@mongo' }, /^server_url \(in .*\): expected HOST:PORT/],
    [{ database: 'a/b' }, /^database \(in .*\): expected the name of a database/],
    [{ session_ttl: 'soon' }, /^session_ttl \(in .*\): expected a duration above zero: seconds/],
    [{ session_ttl: [1] }, /^session_ttl \(in .*\): expected a number of seconds/],
    [{ sesion_ttl: 1 }, /^"sesion_ttl" \(in .*\): not a name this file may hold/],
    [{ SESSION_TTL: '1h', session_ttl: 60 }, /^SESSION_TTL \(in .*\): the file says it twice, also as session_ttl/],
  ])('refuses the file of a session service with %j and names the field', async (changes, fault) => {
    const good = { username: 'a', password: 'hunter2', server_url: 'mongo:27017', database: 'sessman' };
    const faults = faultsOf({ GATEHOUSE_CONFIG: await fileOf({ ...good, ...changes }) });
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join()).not.toMatch(/hunter2|secret/);
  });

  it('refuses to listen beyond this machine without API keys', () => {
    expect(faultsOf({ SESSMAN_AUTH: 'none', HOST: '0.0.0.0' })).toEqual([
      expect.stringMatching(/^SESSMAN_AUTH: .*0\.0\.0\.0/),
    ]);
    for (const HOST of ['localhost', '127.0.0.1', '::1'])
      expect(load({ SESSMAN_AUTH: 'none', HOST }).SESSMAN_AUTH).toBe('none');
  });

  it('refuses a file that is not there', () => {
    expect(faultsOf({ GATEHOUSE_CONFIG: join(directory, 'nowhere.json') })).toEqual([
      expect.stringContaining('ENOENT'),
    ]);
  });

  it('warns of a name that looks like one of ours', () => {
    const { warnings } = loadConfiguration({
      SESSION_IDLE_TIMEOT: '1h',
      GATEHOUSE_CONF: 'x',
      HTTP_PROXY: 'x',
      HOME: 'x',
      SESSION_MANAGER: 'x',
    });

    expect(warnings).toEqual([
      expect.stringContaining('SESSION_IDLE_TIMEOT'),
      expect.stringContaining('GATEHOUSE_CONF'),
    ]);
  });

  it('knows every name once', () => {
    expect(Object.keys(settings)).toHaveLength(66);
  });
});
