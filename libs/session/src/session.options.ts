import { z } from 'zod';
import type { Session } from './session.types.js';
import { cookieOptions, type CookieOptions, type ResolvedCookieOptions } from './cookie.options.js';
import { FOREIGN_SESSION_OPTIONS } from './foreign.options.js';
import type { DataSchemaOptions } from './data/data-schema.js';
import {
  basePath,
  byteSize,
  type ByteSize,
  byteSizeOrZero,
  duration,
  type Duration,
  optionsObject,
  parseOptions,
  type ProblemDocument,
} from 'nest-gatehouse/common';

/**
 * A request as it is shown to `renderProblem`: that of Express or Fastify. Reading `session` throws if the store did
 * not answer.
 */
export interface ProblemRequest {
  readonly session?: Session;
}

/** Renders a refusal as a page: a whole HTML document, escaped. */
export type RenderProblem = (problem: ProblemDocument, request: ProblemRequest) => string;

/** What users write. Durations are `'30m'`-like strings or milliseconds. */
export interface SessionModuleOptions {
  /** How long a session lives without a request. Moves with use. Default `'30m'` (OWASP ASVS 5.0, 7.3.1). */
  idleTimeout?: Duration;
  /** How long a session lives at most, however busy. Default `'12h'` (OWASP ASVS 5.0, 7.3.2). */
  absoluteTimeout?: Duration;
  /** The age at which a request swaps the secret for a new one; `false`: never automatically. Default `'1h'`. */
  renewAfter?: Duration | false;
  /**
   * How long the former secret still opens the session after a renewal, for requests already under way. Default
   * `'30s'`.
   */
  renewGrace?: Duration;
  /**
   * How often requests that only read write to the store: the idle end moves at most once in this time. Default `'1m'`,
   * and never more than a tenth of the idle time, so a session may end up to this much early, never late.
   * A request with `X-Session-Passive: 1` never moves it, unless its handler calls `session.touch()`.
   */
  touchInterval?: Duration;
  cookie?: CookieOptions;
  /**
   * The path below which a proxy serves the application and which it strips from requests, such as `'/shop'`: in front
   * of every redirect, link and form of all our libraries (`basePathOf` of `nest-gatehouse/common`). Default: what a
   * trusted proxy says in `X-Forwarded-Prefix`, otherwise none. The cookie's path stays what `cookie` says.
   */
  basePath?: string;
  /** Where the token travels: `'cookie'` (default), `'header'` for clients without cookies, or `'both'`. */
  transport?: 'cookie' | 'header' | 'both';
  /** The header, in requests and answers, where the transport has one. Default `'X-Session-Token'`. */
  header?: string;
  /**
   * Which requests hold the session's lock. `'none'` (default) and `'explicit'`: those that ask for it by
   * `@SessionLock()` or `session.lock()`; saving merges by key, so most applications need no lock. `'implicit'`: all,
   * from just before the handler. `'early'`: all, from before the body is read.
   */
  locking?: 'none' | 'explicit' | 'implicit' | 'early';
  /**
   * Paths whose requests take no lock by `locking: 'implicit'` or `'early'`, as in `exclude`: such as `'/events/*'` for
   * feeds that stay open, which would block every other request of their session. Default none.
   */
  lockExcept?: string[];
  /** How long a request waits for the lock before it is answered 503 `lock_timeout`. Default `'5s'`. */
  lockWait?: Duration;
  /**
   * When a lock ends by itself because its holder has died. A holder that is only slow loses its save. Default `'30s'`.
   */
  lockLease?: Duration;
  /**
   * What happens when two requests change the same key: the later save wins (`'merge'`, default), or gets 409
   * (`'reject'`).
   */
  conflict?: 'merge' | 'reject';
  /**
   *  The largest data of one session, in bytes of its JSON in UTF-8; more is 413 `session_too_large`. Default `'64kb'`.
   */
  maxDataBytes?: ByteSize;
  /**
   * The most anonymous sessions that the storage keeps, whichever process made them; 0: no bound. One more ends the
   * anonymous session used longest ago, emitted as `session.ended` with the reason `evicted`. A session whose record
   * names a user is signed in and never ended for this; `AuthModule` and `signIn()` set the user. Each process may
   * exceed the bound by at most a hundredth. Default 100 000.
   */
  maxAnonymousSessions?: number;
  /**
   * The most that anonymous sessions take together: bytes of their data's JSON in UTF-8, and 1 KiB for each; 0: no
   * bound. Otherwise as `maxAnonymousSessions`. Default `'256mb'`.
   */
  maxAnonymousBytes?: ByteSize;
  /**
   * How many anonymous sessions one client network (IPv4 address, IPv6 /64) may open in a minute; 0: no limit. One more
   * is 429 `too_many_sessions`, and nothing is stored. The data is limited too: in that minute the network may add at
   * most 4 KiB for each session allowed, or 16 sessions of `maxDataBytes` if that is more. All of an IPv6 /48 may open
   * ten times as many, with twice the data. Each process counts separately. Default 1000.
   */
  anonymousPerNetwork?: number;
  /** Whether an answer of 5xx saves what its handler changed. Default `false`. */
  saveOnError?: boolean;
  /**
   * When the store does not answer. `'fail-closed'` (default): whoever touches the session gets 503. `'anonymous'`:
   * requests go on without a session; guards refuse, and saving still fails. `'read-only'`: a session that could be
   * read serves requests that change nothing, even if its idle end could not be moved.
   */
  onStoreFailure?: 'fail-closed' | 'anonymous' | 'read-only';
  /** How long one operation of the store may take before it counts as failed. Default `'2s'`. */
  storeDeadline?: Duration;
  /** How often expired and revoked sessions are removed and their events emitted. Default `'1m'`. */
  sweepInterval?: Duration;
  /** Paths that have no session: exact (`'/favicon.ico'`) or all below (`'/assets/*'`). Default none. */
  exclude?: string[];
  /** Checks the data when a session is opened; see `DataSchemaOptions`. Default none. */
  schema?: DataSchemaOptions;
  /**
   * Whether mistakes in the set-up are looked for, see docs/doctor.md. `true` (default unless NODE_ENV is
   * `production`): at start and with each request. `'start'` (default in production): at start, and what costs nothing
   * to see. `false`: never.
   */
  doctor?: boolean | 'start';
  /**
   * Turns a refusal into a page for a browser that asked for one (`Accept: text/html`); the request comes with its
   * `session`, where there is one. Default: the problem document.
   */
  renderProblem?: RenderProblem;
}

export interface ResolvedSessionOptions {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  /** `Infinity` where the option is `false`. */
  readonly renewAfter: number;
  readonly renewGrace: number;
  readonly touchInterval: number;
  readonly cookie: ResolvedCookieOptions;
  /** Undefined: as a trusted proxy says. */
  readonly basePath: string | undefined;
  readonly transport: 'cookie' | 'header' | 'both';
  /** In lower case. */
  readonly header: string;
  readonly locking: 'none' | 'explicit' | 'implicit' | 'early';
  readonly lockExcept: readonly string[];
  readonly lockWait: number;
  readonly lockLease: number;
  readonly conflict: 'merge' | 'reject';
  readonly maxDataBytes: number;
  /** 0: no bound. */
  readonly maxAnonymousSessions: number;
  /** 0: no bound. */
  readonly maxAnonymousBytes: number;
  /** 0: no limit. */
  readonly anonymousPerNetwork: number;
  readonly saveOnError: boolean;
  readonly onStoreFailure: 'fail-closed' | 'anonymous' | 'read-only';
  readonly storeDeadline: number;
  readonly sweepInterval: number;
  readonly exclude: readonly string[];
  readonly schema: DataSchemaOptions | undefined;
  readonly doctor: boolean | 'start';
  readonly renderProblem: RenderProblem | undefined;
}

const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const NOT_OURS = new Set(['cookie', 'set-cookie', 'authorization', 'host', 'content-type', 'content-length']);
const COUNT_HELP = 'expected a whole number, or 0 for no limit';
const count = z.int(COUNT_HELP).min(0, COUNT_HELP);
const paths = z
  .array(z.string().regex(/^\/[^?#*]*\*?$/, "expected a path such as '/health' or '/assets/*'"))
  .default([])
  .readonly();
const isFunction = (input: unknown) => typeof input === 'function';

/** The defaults as an application could write them; the reference server's settings read them from here. */
export const SESSION_DEFAULTS = {
  idleTimeout: '30m',
  absoluteTimeout: '12h',
  renewAfter: '1h',
  renewGrace: '30s',
  touchInterval: '1m',
  locking: 'none',
  lockWait: '5s',
  lockLease: '30s',
  maxDataBytes: '64kb',
  maxAnonymousSessions: 100_000,
  maxAnonymousBytes: '256mb',
  anonymousPerNetwork: 1_000,
  storeDeadline: '2s',
  sweepInterval: '1m',
} as const satisfies SessionModuleOptions;

const sessionOptions = optionsObject(
  {
    idleTimeout: duration.prefault(SESSION_DEFAULTS.idleTimeout),
    absoluteTimeout: duration.prefault(SESSION_DEFAULTS.absoluteTimeout),
    renewAfter: z
      .union([duration, z.literal(false).transform(() => Number.POSITIVE_INFINITY)])
      .prefault(SESSION_DEFAULTS.renewAfter),
    renewGrace: duration.prefault(SESSION_DEFAULTS.renewGrace),
    touchInterval: duration.prefault(SESSION_DEFAULTS.touchInterval),
    cookie: cookieOptions,
    basePath: basePath.optional(),
    transport: z.enum(['cookie', 'header', 'both']).default('cookie'),
    header: z
      .string()
      .regex(HEADER_NAME, 'expected a header name of letters, digits and hyphens')
      .refine((name) => !NOT_OURS.has(name.toLowerCase()), 'this header has another meaning; choose one of your own')
      .default('X-Session-Token')
      .transform((name) => name.toLowerCase()),
    locking: z.enum(['none', 'explicit', 'implicit', 'early']).prefault(SESSION_DEFAULTS.locking),
    lockExcept: paths,
    lockWait: duration.prefault(SESSION_DEFAULTS.lockWait),
    lockLease: duration.prefault(SESSION_DEFAULTS.lockLease),
    conflict: z.enum(['merge', 'reject']).default('merge'),
    maxDataBytes: byteSize.prefault(SESSION_DEFAULTS.maxDataBytes),
    maxAnonymousSessions: count.prefault(SESSION_DEFAULTS.maxAnonymousSessions),
    maxAnonymousBytes: byteSizeOrZero.prefault(SESSION_DEFAULTS.maxAnonymousBytes),
    anonymousPerNetwork: count.prefault(SESSION_DEFAULTS.anonymousPerNetwork),
    saveOnError: z.boolean().default(false),
    onStoreFailure: z.enum(['fail-closed', 'anonymous', 'read-only']).default('fail-closed'),
    storeDeadline: duration.prefault(SESSION_DEFAULTS.storeDeadline),
    sweepInterval: duration.prefault(SESSION_DEFAULTS.sweepInterval),
    exclude: paths,
    schema: z
      .custom<DataSchemaOptions>(
        (input) =>
          typeof input === 'object' && input !== null && '~standard' in ((input as DataSchemaOptions).schema ?? {}),
        'expected { schema } with a Standard Schema, such as one of zod, valibot or arktype',
      )
      .optional(),
    doctor: z.union([z.boolean(), z.literal('start')]).optional(),
    renderProblem: z.custom<RenderProblem>(isFunction, 'expected a function').optional(),
  },
  { elsewhere: FOREIGN_SESSION_OPTIONS },
);

/** @throws OptionsError */
export function resolveSessionOptions(options: SessionModuleOptions = {}): ResolvedSessionOptions {
  const parsed = parseOptions('SessionModule', sessionOptions, options);
  const touchInterval = Math.min(parsed.touchInterval, Math.floor(parsed.idleTimeout / 10));
  const doctor = parsed.doctor ?? (process.env.NODE_ENV === 'production' ? 'start' : true);
  const { basePath: base, schema, renderProblem } = parsed;
  return { ...parsed, touchInterval, doctor, basePath: base, schema, renderProblem };
}
