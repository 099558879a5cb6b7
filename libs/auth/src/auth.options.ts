import { duration, type Duration, isOrigin, optionsObject, parseOptions } from 'nest-gatehouse/common';
import { z } from 'zod';
import type { UserRecord } from './storage/user-store.js';

/**
 * A secret that goes into every password hash and is kept apart from the store (OWASP ASVS 5.0, 11.4.2; NIST SP
 * 800-63B-4, 3.1.1.2).
 */
export interface Pepper {
  /** Stored beside each hash, to tell which pepper was used. At most 64 letters, digits, `.`, `_`, `-`. */
  id: string;
  /** At least 32 random characters. If it is lost, no password hashed with it can be checked any more. */
  secret: string;
}

export interface RememberOptions {
  /** How long such a session lives without a request. Default `'14d'`. */
  idleTimeout?: Duration;
  /** How long it lives at most. Default `'30d'`. */
  absoluteTimeout?: Duration;
}

export interface PasswordPolicyOptions {
  /**
   * The least characters of a password, as code points. Default 15 (NIST SP 800-63B-4, 3.1.1.2); at least 8. There are no composition rules and no expiry
   * (OWASP ASVS 5.0, 6.2.5, 6.2.10).
   */
  minLength?: number;
  /**
   * Words that no password may be, such as the name of the application or the company. Compared as a whole, ignoring
   * letter case (ASVS 6.1.2, 6.2.11). Default none.
   */
  blockedWords?: string[];
}

export interface AuthPaths {
  /** The page to sign in. Default `'/login'`. */
  login?: string;
  /** The page of one's own account. Default `'/account'`. */
  account?: string;
  /** Lists one's sessions. Default `'/account/sessions'`. */
  sessions?: string;
  /** Changes one's password. Default `'/account/password'`. */
  password?: string;
  /** Asks for the password again. Default `'/reauthenticate'`. */
  reauthenticate?: string;
  /** Replaces a page whose session has expired, so that nobody can go on reading it. Default `'/account/closed'`. */
  closed?: string;
}

type UserFields = (record: UserRecord & Readonly<Record<string, unknown>>) => object;

/** What users write. Durations are `'30m'`-like strings or milliseconds. */
export interface AuthModuleOptions {
  /**
   * log2 of the rounds of bcrypt, 4 to 18. Default 12, about 180 ms. Less than 10 can be guessed fast, and is logged as
   * a warning at start. Hashes of another cost are replaced at their users' next sign-in; until then every refused
   * sign-in takes as long as the most expensive of them.
   */
  bcryptCost?: number;
  /**
   * The first one is used for new hashes, the others only to check: a hash is replaced by one with the first at its
   * user's next sign-in. Default none.
   */
  peppers?: Pepper[];
  /** How long a sign-in waits for its turn to be hashed before it is answered 503 `busy`. Default `'10s'`. */
  hashWait?: Duration;
  /**
   * How many may wait for their turn at once: this many users at networks they have signed in from before, and as many
   * strangers. One more is answered 503 `busy`, or replaces the newest waiter of the username or network that has the
   * most. One username or network may have at most a quarter of the places. Default 1000.
   */
  hashQueue?: number;
  /**
   * Consecutive failures of a username without any delay; from then on each failure delays the next attempt. Default 5
   * (OWASP ASVS 5.0, 6.3.1).
   */
  freeFailures?: number;
  /** The longest of these delays; the first is 1 s, and each one doubles. Default `'15m'`. */
  maxDelay?: Duration;
  /**
   * This many consecutive failures block the username for `lockout`, or until it is unlocked. Default 100 (NIST SP
   * 800-63B-4, 3.2.2).
   */
  hardLimit?: number;
  /** How long `hardLimit` blocks a username, and how long failures are remembered. Default `'24h'`. */
  lockout?: Duration;
  /**
   * How many failures one client network (IPv4 address, IPv6 /64) may have within `networkWindow`, over all usernames
   * together. Default 100; 0: no limit.
   */
  networkLimit?: number;
  /** How long such a failure counts for `networkLimit`. Default `'10m'`. */
  networkWindow?: Duration;
  /** How many sessions a user has at most; 0: no limit. Default 10 (OWASP ASVS 5.0, 7.1.2). */
  maxSessionsPerUser?: number;
  /**
   * If a sign-in would exceed `maxSessionsPerUser`: `'end-oldest'` (default), or `'refuse'` the sign-in with 409
   * `session_limit`.
   */
  sessionLimitPolicy?: 'end-oldest' | 'refuse';
  /**
   * How recently the password must have been given to end one's own other sessions, such as `'15m'` (OWASP ASVS 5.0,
   * 7.5.2); else 401 `recent_auth_required`. Default `false`, so that a user who suspects a thief can always end the
   * thief's session. Signing out of the current session never asks for the password.
   */
  endSessionsNeedRecentAuth?: Duration | false;
  /**
   * Whether the browser is told to drop what it keeps of this site, by `Clear-Site-Data: "cache", "storage"` (OWASP
   * ASVS 5.0, 14.3.1): in the answer that ends a user's session, and in a refusal because the session has ended. In the
   * refusal it is unknown whose session that was, so data in the browser of a visitor who never signed in is dropped as
   * well. Default true; `false`: the application does this itself whenever a session ends.
   */
  clearSiteData?: boolean;
  /**
   * Values of the anonymous session that survive signing in, such as `['cart']`. Everything else is dropped. Default
   * none.
   */
  carryOver?: string[];
  /**
   * Lifetimes of a session whose user asked to be remembered; its cookie outlives the browser. `false`: the request to
   * be remembered is ignored.
   */
  remember?: RememberOptions | false;
  password?: PasswordPolicyOptions;
  /**
   * How long a one-time password can be used to sign in. Default `'72h'` (OWASP ASVS 5.0, 6.4.1). It can be used once.
   * In that session, and within this time, it still counts as the current password when the password is changed, and
   * for nothing else.
   */
  oneTimePasswordTtl?: Duration;
  /**
   * What `@CurrentUser()` and `req.user` have besides, such as `({ email }) => ({ email })`: called with each request of
   * a signed-in user. Declare the fields by adding to the interface `SignedInUser`. Default none.
   */
  userFields?: UserFields;
  /**
   * Origins beside our own that may change state from a browser, such as `'https://app.example.com'`, or
   * `'capacitor://localhost'` for an app. Each is compared as a whole; a wildcard is refused. Default none.
   */
  allowedOrigins?: string[];
  /** Whether a line at the start tells how to make the first account, while there is none. Default: unless `NODE_ENV` is `test`. */
  firstAccountHint?: boolean;
  /** How long audit entries are kept. Default `'180d'`. */
  auditRetention?: Duration;
  /** How often the sessions of open sockets are checked, at most `'1s'`. Default `'800ms'`. */
  socketCheckInterval?: Duration;
  /** How long one operation of the stores may take before it counts as failed. Default `'2s'`. */
  storeDeadline?: Duration;
}

const WILDCARD_HELP = "a wildcard never matches: list each origin, such as 'https://app.example.com'";
const ORIGIN_HELP = "expected an origin such as 'https://app.example.com', without a path";
const path = z.string().regex(/^\/(?!\/)[^\s?#\\]*$/, "expected a path such as '/login'");
const count = (least: number, help: string) => z.int(help).min(least, help);

const pepper = optionsObject({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, underscores or hyphens'),
  secret: z.string().min(32, 'expected at least 32 characters; make one by `openssl rand -base64 32`'),
});

/**
 * The defaults as an application could write them. Each option's documentation names its default; the reference
 * server's settings read them from here.
 */
export const AUTH_DEFAULTS = {
  bcryptCost: 12,
  freeFailures: 5,
  maxDelay: '15m',
  hardLimit: 100,
  networkLimit: 100,
  maxSessionsPerUser: 10,
  sessionLimitPolicy: 'end-oldest',
  endSessionsNeedRecentAuth: false,
  oneTimePasswordTtl: '72h',
  auditRetention: '180d',
  storeDeadline: '2s',
} as const satisfies AuthModuleOptions;

const authOptions = optionsObject({
  bcryptCost: z
    .int('expected a whole number; use 12 if in doubt')
    .refine((cost) => cost >= 4, 'expected at least 4, which only tests should take; use 12 if in doubt')
    .refine((cost) => cost <= 18, 'expected at most 18: more takes longer than anybody waits')
    .prefault(AUTH_DEFAULTS.bcryptCost),
  peppers: z
    .array(pepper)
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'two peppers have the same id')
    .default([]),
  hashWait: duration.default(10_000),
  hashQueue: count(1, 'expected a whole number, at least 1').default(1_000),
  freeFailures: count(1, 'expected a whole number, at least 1').prefault(AUTH_DEFAULTS.freeFailures),
  maxDelay: duration.prefault(AUTH_DEFAULTS.maxDelay),
  hardLimit: count(1, 'expected a whole number, at least 1').prefault(AUTH_DEFAULTS.hardLimit),
  lockout: duration.default(24 * 3_600_000),
  networkLimit: count(0, 'expected a whole number, 0 for no limit').prefault(AUTH_DEFAULTS.networkLimit),
  networkWindow: duration.default(10 * 60_000),
  maxSessionsPerUser: count(0, 'expected a whole number, 0 for no limit')
    .max(1_000, 'expected at most 1000, or 0 for no limit')
    .prefault(AUTH_DEFAULTS.maxSessionsPerUser),
  sessionLimitPolicy: z.enum(['end-oldest', 'refuse']).prefault(AUTH_DEFAULTS.sessionLimitPolicy),
  endSessionsNeedRecentAuth: z.union([duration, z.literal(false)]).prefault(AUTH_DEFAULTS.endSessionsNeedRecentAuth),
  clearSiteData: z.boolean().default(true),
  carryOver: z.array(z.string()).default([]),
  remember: z
    .union([
      z.literal(false),
      optionsObject({
        idleTimeout: duration.default(14 * 86_400_000),
        absoluteTimeout: duration.default(30 * 86_400_000),
      }),
    ])
    .prefault({}),
  password: optionsObject({
    minLength: count(8, 'expected a whole number, at least 8')
      .max(64, 'expected at most 64: long passphrases must do')
      .default(15),
    blockedWords: z.array(z.string().min(1)).default([]),
  }).prefault({}),
  oneTimePasswordTtl: duration.prefault(AUTH_DEFAULTS.oneTimePasswordTtl),
  allowedOrigins: z
    .array(
      z
        .string()
        .refine((text) => !text.includes('*'), WILDCARD_HELP)
        .refine(isOrigin, ORIGIN_HELP),
    )
    .default([]),
  paths: optionsObject({
    login: path.default('/login'),
    account: path.default('/account'),
    sessions: path.default('/account/sessions'),
    password: path.default('/account/password'),
    reauthenticate: path.default('/reauthenticate'),
    closed: path.default('/account/closed'),
  }).prefault({}),
  userFields: z.custom<UserFields>((input) => typeof input === 'function', 'expected a function').optional(),
  firstAccountHint: z.boolean().optional(),
  auditRetention: duration.prefault(AUTH_DEFAULTS.auditRetention),
  socketCheckInterval: duration.refine((interval) => interval <= 1_000, "expected at most '1s'").default(800),
  storeDeadline: duration.prefault(AUTH_DEFAULTS.storeDeadline),
});

export type ResolvedAuthOptions = Readonly<z.output<typeof authOptions>>;

/** @throws OptionsError */
export function resolveAuthOptions(options: AuthModuleOptions & { paths?: AuthPaths } = {}): ResolvedAuthOptions {
  return parseOptions('AuthModule', authOptions, options);
}
