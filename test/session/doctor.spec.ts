import type { ServerResponse } from 'node:http';
import { Logger, type INestApplication } from '@nestjs/common';
import { expect, it, jest } from '@jest/globals';
import { DOCTOR_REMEDIES, SessionDoctor } from 'nest-gatehouse/session/doctor';
import type { SessionModuleOptions } from 'nest-gatehouse/session';
import { rawRequest } from '../auth/support/raw-request.js';
import { actions, type Action } from '../support/apps/actions.js';
import { MINUTE } from '../support/apps/fake-clock.js';
import { onEveryPlatform, type SessionApp } from '../support/apps/session-app.js';
import { until } from '../support/latch.js';

type Headers = Record<string, string>;

/** Both platforms' answer, as far as these handlers use it. */
type Answer = ServerResponse & { header(name: string, value: string): unknown };

const later = () => new Promise((resolve) => setImmediate(resolve));
let pending: Promise<unknown> = Promise.resolve();

const table: Record<string, Action> = {
  put: (_, session) => ((session['n'] = 1), 'put'),
  look: (_, session) => ({ ...session }),
  end: (_, session) => session.destroy().then(() => 'ended'),
  saved: (_, session) => ((session['n'] = 1), session.save().then(() => 'saved')),
  forgotten: (_, session) => {
    session['n'] = 2;
    pending = session.save().catch(() => undefined);
    return 'answered';
  },
  regenerated: (_, session) => {
    pending = session.regenerate().catch(() => undefined);
    return 'answered';
  },
  called: (_, session) =>
    new Promise((resolve) => void (session.save as (done: () => void) => void)(() => resolve('called'))),
  late: (_, session) => {
    pending = (async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      session['late'] = true;
    })();
    return 'answered';
  },
  lateButSaved: (_, session) => {
    pending = (async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      session['late'] = true;
      await session.save();
    })();
    return 'answered';
  },
  short: (_, session) => ((session.cookie.maxAge = 3_600), 'short'),
  large: (_, _session, response) => cookie(response, `large=${'x'.repeat(4_090)}; Path=/`),
  loose: (_, _session, response) => cookie(response, 'loose=1; SameSite=None'),
  foreign: (_, _session, response) => cookie(response, 'foreign=1; Domain=example.com'),
  fine: (_, _session, response) => cookie(response, 'fine=1; Path=/refresh; SameSite=None; Secure; Domain=.127.0.0.1'),
};

function cookie(response: unknown, line: string): string {
  (response as Answer).header('set-cookie', line);
  return 'set';
}

interface Case {
  readonly session?: SessionModuleOptions;
  readonly trustProxy?: boolean;
  /** CORS of the application. */
  readonly cors?: object;
  /** What a browser does. */
  act(app: SessionApp, ask: Ask): Promise<unknown>;
}

type Ask = (path: string, headers?: Headers) => Promise<readonly string[]>;

const HTTPS_PROXY: Headers = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };
const PAGE: Headers = { origin: 'https://app.example.com', 'user-agent': 'Browser/1', 'sec-fetch-mode': 'cors' };
const SAME_SITE: Headers = { ...PAGE, 'sec-fetch-site': 'same-site' };
const CROSS_SITE: Headers = { ...PAGE, 'sec-fetch-site': 'cross-site' };
const WITH_CREDENTIALS = { origin: 'https://app.example.com', credentials: true };
const cookiesOf = (lines: readonly string[]) => ({ cookie: lines.map((line) => line.split(';')[0]).join('; ') });

/** One wrong setting each, or one wrong handler, and the one code that it gives. */
const WRONG: Record<string, [code: keyof typeof DOCTOR_REMEDIES, wrong: Case]> = {
  'Secure over plain HTTP': [
    'insecure_connection',
    { session: { cookie: { secure: true } }, act: (_, ask) => ask('put') },
  ],
  'Secure over plain HTTP in production': [
    'insecure_connection',
    { session: { cookie: { secure: true }, doctor: 'start' }, act: (_, ask) => ask('put') },
  ],
  'a proxy with TLS that is not trusted': [
    'proxy_not_trusted',
    { session: { cookie: { secure: true } }, act: (_, ask) => ask('put', HTTPS_PROXY) },
  ],
  'the same in production': [
    'proxy_not_trusted',
    { session: { cookie: { secure: true }, doctor: 'start' }, act: (_, ask) => ask('put', HTTPS_PROXY) },
  ],
  'a proxy that is not trusted, without Secure': ['proxy_not_trusted', { act: (_, ask) => ask('put', HTTPS_PROXY) }],
  'a trusted proxy whose header is no address': [
    'proxy_header_unreadable',
    { trustProxy: true, act: (_, ask) => ask('put', { ...HTTPS_PROXY, 'x-forwarded-for': 'unknown' }) },
  ],
  'SameSite=None without Secure': ['same_site_none_insecure', { act: (_, ask) => ask('loose') }],
  'a path that the address is not below': [
    'cookie_path_mismatch',
    { session: { cookie: { path: '/app' } }, act: (_, ask) => ask('put') },
  ],
  'a path that only begins like it': [
    'cookie_path_mismatch',
    { session: { cookie: { path: '/pu' } }, act: (_, ask) => ask('put') },
  ],
  'the domain of somebody else': [
    'cookie_domain_mismatch',
    { session: { cookie: { domain: 'example.com' } }, act: (_, ask) => ask('put') },
  ],
  'the domain of somebody else, for a cookie of the application': [
    'cookie_domain_mismatch',
    { act: (_, ask) => ask('foreign') },
  ],
  'a page of another origin, and no CORS with credentials': [
    'credentials_missing',
    { act: (_, ask) => ask('put', SAME_SITE) },
  ],
  'a page of another origin that calls without credentials': [
    'credentials_missing',
    {
      cors: WITH_CREDENTIALS,
      act: async ({ clock }, ask) => {
        for (let call = 0; call < 5; call++) {
          await ask('put', SAME_SITE);
          clock.advance(2_000);
        }
      },
    },
  ],
  'a page of another site, and SameSite=Lax': [
    'same_site_too_strict',
    { cors: WITH_CREDENTIALS, act: (_, ask) => ask('put', CROSS_SITE) },
  ],
  'two cookies of one name': [
    'duplicate_cookies',
    {
      act: (_, ask) =>
        ask('look', { cookie: `sid=${'a'.repeat(22)}.${'b'.repeat(43)}; sid=${'c'.repeat(22)}.${'d'.repeat(43)}` }),
    },
  ],
  'a clock that differs': [
    'clock_skew',
    {
      act: async ({ clock }, ask) => {
        const set = await ask('put');
        clock.advance(-2 * MINUTE);
        await ask('look', cookiesOf(set));
      },
    },
  ],
  'a cookie that is too large': ['cookie_too_large', { act: (_, ask) => ask('large') }],
  'data that changes after the answer': ['changed_after_answer', { act: (_, ask) => ask('late') }],
  'data that changes after the answer, in a session that is stored': [
    'changed_after_answer',
    { act: async (_, ask) => ask('late', cookiesOf(await ask('put'))) },
  ],
  'a save that nobody awaits': ['await_forgotten', { act: (_, ask) => ask('forgotten') }],
  'a regeneration that nobody awaits': [
    'await_forgotten',
    { act: async (_, ask) => ask('regenerated', cookiesOf(await ask('put'))) },
  ],
  'seconds given as milliseconds': ['idle_time_too_short', { session: { idleTimeout: 1_800 }, act: later }],
  'seconds given as milliseconds to the cookie': ['idle_time_too_short', { act: (_, ask) => ask('short') }],
};

/** What is right as it is. */
const RIGHT: Record<string, Case> = {
  'plain HTTP on this machine, in development': {
    act: async (_, ask) => {
      const set = await ask('put');
      for (const path of ['look', 'saved', 'called', 'fine', 'end']) await ask(path, cookiesOf(set));
    },
  },
  'HTTPS at a trusted proxy, in production': {
    session: { cookie: { secure: true }, doctor: 'start' },
    trustProxy: true,
    act: async (_, ask) => ask('end', { ...HTTPS_PROXY, ...cookiesOf(await ask('put', HTTPS_PROXY)) }),
  },
  'the same, looked at closely': {
    session: { cookie: { secure: true } },
    trustProxy: true,
    act: async (_, ask) => ask('look', { ...HTTPS_PROXY, ...cookiesOf(await ask('put', HTTPS_PROXY)) }),
  },
  'a proxy that serves the application below a path': {
    session: { cookie: { secure: true, path: '/shop' } },
    trustProxy: true,
    act: (_, ask) => ask('put', HTTPS_PROXY),
  },
  'a page of another origin that calls with credentials': {
    cors: WITH_CREDENTIALS,
    act: async ({ clock }, ask) => {
      // The first calls of a page are under way together, without a cookie.
      const sets = await Promise.all(Array.from({ length: 6 }, () => ask('put', SAME_SITE)));
      for (let call = 0; call < 5; call++) {
        clock.advance(2_000);
        await ask('look', { ...SAME_SITE, ...cookiesOf(sets.at(-1)!) });
      }
      // Other visitors have the same browser.
      for (let visitor = 0; visitor < 5; visitor++) {
        clock.advance(2_000);
        await ask('put', SAME_SITE);
      }
    },
  },
  'a page of another site, and SameSite=None': {
    session: { cookie: { sameSite: 'none', secure: true } },
    trustProxy: true,
    cors: WITH_CREDENTIALS,
    act: (_, ask) => ask('put', { ...HTTPS_PROXY, ...CROSS_SITE }),
  },
  'a link from another site': {
    act: (_, ask) => ask('put', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }),
  },
  'tokens by header': {
    session: { transport: 'header' },
    act: async (_, ask) => {
      for (let call = 0; call < 5; call++) await ask('put', CROSS_SITE);
    },
  },
  'a domain that the host is within': {
    session: { cookie: { domain: 'example.com' } },
    act: (_, ask) => ask('put', { host: 'shop.example.com:3000' }),
  },
  'a cookie among others whose names end alike': {
    act: async (_, ask) => ask('look', { cookie: `theme=1; ${cookiesOf(await ask('put')).cookie}; xsid=1` }),
  },
  'a late change that is saved': {
    act: async (_, ask) => ask('lateButSaved', cookiesOf(await ask('put'))),
  },
  'clocks that differ a little': {
    act: async ({ clock }, ask) => {
      const set = await ask('put');
      clock.advance(-5_000);
      await ask('look', cookiesOf(set));
    },
  },
};

onEveryPlatform('The doctor', (start, { platform }) => {
  const examine = async ({ session, trustProxy = false, cors, act }: Case) => {
    const prepare = (app: INestApplication) => {
      const server = app.getHttpAdapter().getInstance() as { set(name: string, value: unknown): void };
      if (platform === 'express') server.set('trust proxy', trustProxy);
      if (cors) app.enableCors(cors);
    };
    const app = await start({ controllers: [actions(table)], session, trustProxy, prepare });
    pending = Promise.resolve();
    const ask: Ask = async (path, headers = {}) => {
      const answer = await rawRequest(`${app.url}/${path}`, { method: 'GET', headers });
      expect([path, answer.status]).toEqual([path, 200]);
      return answer.headers['set-cookie'] ?? [];
    };
    await act(app, ask);
    await pending;
    return { app, doctor: app.app.get(SessionDoctor) };
  };

  it.each(Object.entries(WRONG).map(([what, [code, wrong]]) => ({ what, code, wrong })))(
    'finds $code, and nothing else: $what',
    async ({ code, wrong }) => {
      const { doctor } = await examine(wrong);
      await until(`the doctor finds ${code}`, () => doctor.findings().length > 0, 20_000);
      // Whatever else there is would have come by now.
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(doctor.findings().map((finding) => finding.code)).toEqual([code]);
      const [finding] = doctor.findings();
      expect(finding!.remedy).toBe(DOCTOR_REMEDIES[code]);
      expect(finding!.message).toMatch(/^[A-Z].*\.$|^idleTimeout|^session\.cookie/);
    },
  );

  it('logs a finding once, and counts it', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const secure = { cookie: { secure: true }, doctor: 'start' } as const;
    const { app, doctor } = await examine({ session: secure, act: (_, ask) => ask('put') });
    app.clock.advance(MINUTE);
    await rawRequest(`${app.url}/put`, { method: 'GET' });
    expect(warn.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('insecure'))).toEqual([
      expect.stringMatching(/^insecure_connection: The cookie __Host-sid has .* Serve it over HTTPS/),
    ]);
    expect(doctor.findings()).toMatchObject([{ count: 2, lastSeenAt: app.clock.now() }]);
  });

  it('finds nothing where it is told not to look', async () => {
    const [, wrong] = WRONG['Secure over plain HTTP']!;
    const { doctor } = await examine({ ...wrong, session: { ...wrong.session, doctor: false, idleTimeout: 1_800 } });
    expect(doctor.findings()).toEqual([]);
  });

  it('has a case for each of its codes', () => {
    const codes = new Set(Object.values(WRONG).map(([code]) => code));
    expect([...codes].sort()).toEqual(Object.keys(DOCTOR_REMEDIES).sort());
  });

  it.each(Object.entries(RIGHT).map(([what, right]) => ({ what, right })))(
    'finds nothing: $what',
    async ({ right }) => {
      const { doctor } = await examine(right);
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(doctor.findings()).toEqual([]);
    },
  );
});
