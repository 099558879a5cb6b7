import { AUTH_DEFAULTS } from 'nest-gatehouse/auth';
import { z } from 'zod';
import { optional, setting } from './setting.js';
import { originsText, pepperText } from './sign-in-types.js';
import { booleanText, countText, durationText, durationTextOrFalse, oneOf } from './text-types.js';

const MAX_FAILURES = 1_000_000;

/** Accounts, passwords, throttling and pages. */
export const signInSettings = {
  BCRYPT_COST: setting(
    countText(4, 18, 'expected a whole number from 4 to 18; use 12 if in doubt'),
    AUTH_DEFAULTS.bcryptCost,
    'log2 of the rounds of bcrypt, 4 to 18: 12 takes about 180 ms; less than 10 can be guessed fast, and is logged as a warning. After a change each hash is replaced at its user’s next sign-in; until then refused sign-ins take as long as the most expensive hash.',
  ),
  PASSWORD_PEPPER: optional(
    pepperText,
    'no pepper',
    'A secret that goes into every password hash and is kept apart from the store: `SECRET`, or `ID:SECRET`. To replace it, write the new one before the old one, comma-separated; each hash is replaced at its user’s next sign-in. At least 32 characters.',
  ),
  ONE_TIME_PASSWORD_TTL: setting(
    durationText,
    AUTH_DEFAULTS.oneTimePasswordTtl,
    'How long a one-time password can be used for its one sign-in. It must be changed in that session, and within this time.',
  ),
  LOGIN_FREE_FAILURES: setting(
    countText(1, MAX_FAILURES, 'expected a whole number, at least 1'),
    AUTH_DEFAULTS.freeFailures,
    'Consecutive failed sign-ins of a username before each one delays the next, from 1 s and doubling.',
  ),
  LOGIN_MAX_DELAY: setting(durationText, AUTH_DEFAULTS.maxDelay, 'The longest of these delays.'),
  LOGIN_HARD_LIMIT: setting(
    countText(1, MAX_FAILURES, 'expected a whole number, at least 1'),
    AUTH_DEFAULTS.hardLimit,
    'This many consecutive failures block a username for 24 hours, or until `user:unlock`. Open sessions are not affected.',
  ),
  LOGIN_NETWORK_LIMIT: setting(
    countText(0, MAX_FAILURES, 'expected a whole number, 0 for no limit'),
    AUTH_DEFAULTS.networkLimit,
    'Failed sign-ins of one client network (IPv4 address, IPv6 /64) in 10 minutes, over all usernames. `0`: no limit.',
  ),
  MAX_SESSIONS_PER_USER: setting(
    countText(0, 1_000, 'expected a whole number from 1 to 1000, or 0 for no limit'),
    AUTH_DEFAULTS.maxSessionsPerUser,
    'How many sessions a user has at most. `0`: no limit.',
  ),
  SESSION_LIMIT_POLICY: setting(
    oneOf('end-oldest', 'refuse'),
    AUTH_DEFAULTS.sessionLimitPolicy,
    'If a sign-in would exceed that number: `end-oldest` ends the oldest session, `refuse` answers the sign-in 409 `session_limit`.',
  ),
  END_SESSIONS_NEED_RECENT_AUTH: setting(
    durationTextOrFalse,
    AUTH_DEFAULTS.endSessionsNeedRecentAuth,
    'How recently a user must have given the password to end sessions elsewhere, such as `15m`; else 401 `recent_auth_required`, or the page that asks for it. `false`: never asked. Signing out here never asks.',
  ),
  AUTH_PAGES: setting(
    booleanText,
    'true',
    '`false`: no pages to sign in and to manage an account; the JSON routes stay.',
  ),
  ALLOWED_ORIGINS: optional(
    originsText,
    'no others',
    'Origins beside our own whose pages may change state, such as `https://app.example.com`, comma-separated.',
  ),
  GATEHOUSE_ADMIN_USER: optional(
    z.string(),
    'no account',
    'With `GATEHOUSE_ADMIN_PASSWORD`: the administrator to create when the server starts and there is no account yet.',
  ),
  GATEHOUSE_ADMIN_PASSWORD: optional(
    z.string(),
    'no account',
    'The password of that administrator, at least 15 characters. Ignored once there is an account.',
  ),
} as const;
