import { SESSION_DEFAULTS } from 'nest-gatehouse/session';
import { z } from 'zod';
import type { MongodbLogin } from './mongodb-login.js';
import { documentation, optional, setting, type SettingDocumentation } from './setting.js';
import { hitsSettings } from './hits-settings.js';
import { httpSettings } from './http-settings.js';
import { metricsSettings } from './metrics-settings.js';
import { sessmanSettings } from './sessman-settings.js';
import { signInSettings } from './sign-in-settings.js';
import {
  basePathText,
  booleanText,
  byteSizeOrZeroText,
  byteSizeText,
  cookieNameText,
  countText,
  durationText,
  durationTextOrFalse,
  hostText,
  mongodbUriText,
  oneOf,
  portText,
  proxyTrustText,
  secureText,
} from './text-types.js';

const MAX_SESSIONS = 100_000_000;

/** All settings: their names, allowed values, defaults and meanings. */
export const settings = {
  HOST: setting(
    hostText,
    'localhost',
    'Where to listen. `localhost`: this machine only; `0.0.0.0` or `::`: every network it is on.',
  ),
  PORT: setting(portText, '3000', '`0` takes a free port; the start line says which.'),
  HTTP_ADAPTER: setting(
    oneOf('fastify', 'express'),
    'fastify',
    'The platform under Nest: `fastify` or `express`. They answer alike.',
  ),
  TRUST_PROXY: setting(
    proxyTrustText,
    'false',
    'Whose `X-Forwarded-*` headers count: `false`, how many proxies are in front, or their addresses (`loopback`, IP addresses and CIDR ranges, comma-separated).',
  ),
  BASE_PATH: optional(
    basePathText,
    'as `X-Forwarded-Prefix` of a trusted proxy says',
    'The path below which a proxy serves this server, and which it strips from requests, such as `/shop`: in front of every link, form and redirect.',
  ),
  STORAGE: setting(
    oneOf('sqlite', 'mongoose', 'memory'),
    'sqlite',
    'Where accounts and sessions are kept: `sqlite` (one machine), `mongoose` (MongoDB, several machines) or `memory` (they do not outlive a restart).',
  ),
  SQLITE_FILE: setting(z.string(), 'data/gatehouse.db', 'The database file, created with its directory if needed.'),
  MONGODB_URI: setting(
    mongodbUriText,
    'mongodb://127.0.0.1:27017/gatehouse',
    'Where MongoDB is, for `STORAGE=mongoose`, with the driver’s own options such as `maxPoolSize` and `tls`. Without a database in it: `gatehouse`.',
  ),
  MONGODB_AUTO_INDEX: setting(
    booleanText,
    'true',
    '`true`: missing indexes are created at start. `false`: the start fails instead, with the commands that create them.',
  ),
  SESSION_IDLE_TIMEOUT: setting(
    durationText,
    SESSION_DEFAULTS.idleTimeout,
    'How long a session lives without a request. Moves with use.',
  ),
  SESSION_ABSOLUTE_TIMEOUT: setting(
    durationText,
    SESSION_DEFAULTS.absoluteTimeout,
    'How long a session lives at most, however busy.',
  ),
  SESSION_TOUCH_INTERVAL: setting(
    durationText,
    SESSION_DEFAULTS.touchInterval,
    'Reading a session moves its idle end at most this often, and never less than ten times in the idle time.',
  ),
  SESSION_RENEW_AFTER: setting(
    durationTextOrFalse,
    SESSION_DEFAULTS.renewAfter,
    'The age at which a request swaps the secret. `false`: never automatically.',
  ),
  SESSION_RENEW_GRACE: setting(
    durationText,
    SESSION_DEFAULTS.renewGrace,
    'How long the former secret still works after a renewal, for requests under way.',
  ),
  SESSION_LOCKING: setting(
    oneOf('none', 'explicit', 'implicit', 'early'),
    SESSION_DEFAULTS.locking,
    'Which requests hold the lock of their session: `none` and `explicit` (those that ask), `implicit` (all, from the handler on) or `early` (all, from before the body is read).',
  ),
  SESSION_LOCK_WAIT: setting(
    durationText,
    SESSION_DEFAULTS.lockWait,
    'How long a request waits for the lock before it is answered 503 `lock_timeout`.',
  ),
  SESSION_LOCK_LEASE: setting(
    durationText,
    SESSION_DEFAULTS.lockLease,
    'When a lock ends by itself because its holder has died.',
  ),
  SESSION_MAX_DATA_BYTES: setting(
    byteSizeText,
    SESSION_DEFAULTS.maxDataBytes,
    'The largest data of one session, in bytes of its JSON in UTF-8. More is 413 `session_too_large`.',
  ),
  MAX_ANONYMOUS_SESSIONS: setting(
    countText(0, MAX_SESSIONS, `expected a whole number up to ${MAX_SESSIONS}, or 0 for no bound`),
    SESSION_DEFAULTS.maxAnonymousSessions,
    'How many anonymous sessions are kept at most, over all servers on the store. One more ends the one used longest ago, never a signed-in one. `0`: no bound.',
  ),
  MAX_ANONYMOUS_BYTES: setting(
    byteSizeOrZeroText,
    SESSION_DEFAULTS.maxAnonymousBytes,
    'The maximum total size of anonymous sessions: their data, and 1 KiB for each. `0`: no bound.',
  ),
  ANONYMOUS_PER_NETWORK: setting(
    countText(0, MAX_SESSIONS, `expected a whole number up to ${MAX_SESSIONS}, or 0 for no limit`),
    SESSION_DEFAULTS.anonymousPerNetwork,
    'Anonymous sessions that one client network (IPv4 address, IPv6 /64) may open in a minute at one server, of 4 KiB each on average. More is 429 `too_many_sessions`. `0`: no limit.',
  ),
  SESSION_COOKIE_NAME: optional(
    cookieNameText,
    '`__Host-sid` where the cookie is always secure, otherwise `sid`',
    'The name of the session cookie.',
  ),
  SESSION_COOKIE_SECURE: optional(
    secureText,
    '`true` where `NODE_ENV` is `production`, otherwise `auto`',
    '`true`: only over HTTPS. `auto`: if the request came over HTTPS. `false`: never, for plain HTTP only.',
  ),
  SESSION_COOKIE_PERSISTENT: setting(
    booleanText,
    'false',
    '`true`: the cookie outlives the browser, with `Max-Age` and `Expires` that move with every answer. `false`: it ends with the browser.',
  ),
  HSTS_INCLUDE_SUBDOMAINS: setting(
    booleanText,
    'false',
    'Where the cookie is always secure, every answer promises HTTPS for a year. `true`: for all subdomains as well (ASVS level 2). Browsers then require HTTPS for every host below this name for that year.',
  ),
  SWEEP_INTERVAL: setting(
    durationText,
    SESSION_DEFAULTS.sweepInterval,
    'How often expired and revoked sessions are removed from the store.',
  ),
  STORE_DEADLINE: setting(
    durationText,
    SESSION_DEFAULTS.storeDeadline,
    'How long one operation of a store may take before it counts as failed (503 `store_unavailable`).',
  ),
  ...signInSettings,
  ...sessmanSettings,
  ...metricsSettings,
  ...hitsSettings,
  BODY_LIMIT: setting(byteSizeText, '100kb', 'The largest request body. More is 413 `body_too_large`.'),
  ...httpSettings,
  SHUTDOWN_GRACE: setting(
    durationText,
    '10s',
    'How long a stop (SIGTERM, SIGINT, or an uncaught fault) waits for the requests in flight.',
  ),
  DOCS: optional(
    booleanText,
    '`false` where `NODE_ENV` is `production`, otherwise `true`',
    '`true`: the description of the routes (OpenAPI) is public at `/docs` and `/docs-json`. `false`: it is for the role `admin`.',
  ),
  LOG_LEVEL: setting(
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    'How much is logged, as JSON lines on standard output.',
  ),
  GATEHOUSE_CONFIG: optional(
    z.string(),
    'no file',
    'A JSON file with any of the names above, or with those of a session service: `username`, `password`, `server_url`, `database` (these four choose MongoDB), `session_ttl`, `auth_database`. Comments and trailing commas are allowed. The environment overrides it.',
  ),
} as const;

export type SettingName = keyof typeof settings;

export const configurationSchema = z.object(settings);

type Parsed = z.output<typeof configurationSchema>;
/** Settings whose defaults depend on others. */
type DerivedSettings = 'SESSION_COOKIE_NAME' | 'SESSION_COOKIE_SECURE' | 'DOCS';

/** The settings as code reads them: durations in milliseconds, sizes in bytes. */
export type Configuration = Omit<Parsed, DerivedSettings> &
  Required<Pick<Parsed, DerivedSettings>> & {
    /** Of the configuration file only: for the server of `MONGODB_URI`. */
    readonly MONGODB_LOGIN?: MongodbLogin;
  };

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

export function describeSetting(name: SettingName): SettingDocumentation {
  return documentation.get(settings[name])!;
}
