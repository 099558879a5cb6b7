import {
  byteSize,
  type ByteSize,
  duration,
  type Duration,
  normalizeOrigin,
  optionsObject,
  parseOptions,
} from 'nest-gatehouse/common';
import { z } from 'zod';

/** What users write. Durations are `'30m'`-like strings or milliseconds. */
export interface SessmanModuleOptions {
  /** How long a session lives after its last update. Default `'1d'`. */
  ttl?: Duration;
  /** The longest `ttl` that a program may ask for; the shortest is one second. Default `'30d'`. */
  maxTtl?: Duration;
  /** The largest data of one session, in bytes of its JSON in UTF-8; more is 413 `session_too_large`. Default `'64kb'`. */
  maxDataBytes?: ByteSize;
  /**
   * Requests a minute for each API key; one more is 429 `rate_limited`. Each process counts for itself. 0: no limit.
   * Default 6000.
   */
  requestsPerMinute?: number;
  /**
   * `'api-key'` (default), or `'none'`: no key is asked for, and all sessions are in the namespace `default`. Such a
   * server must listen on the loopback interface only, and refuses to start on any other.
   */
  auth?: 'api-key' | 'none';
  /** Origins whose pages may call the service from a browser (CORS). Default none. */
  corsOrigins?: string[];
  /** How long the answer to an `Idempotency-Key` is kept. Default `'1d'`. */
  idempotencyRetention?: Duration;
}

export interface ResolvedSessmanOptions {
  readonly ttl: number;
  readonly maxTtl: number;
  readonly maxDataBytes: number;
  /** 0: no limit. */
  readonly requestsPerMinute: number;
  readonly auth: 'api-key' | 'none';
  readonly corsOrigins: readonly string[];
  readonly idempotencyRetention: number;
}

/** The defaults as an application could write them. */
export const SESSMAN_DEFAULTS = {
  ttl: '1d',
  maxTtl: '30d',
  maxDataBytes: '64kb',
  requestsPerMinute: 6_000,
  auth: 'api-key',
  idempotencyRetention: '1d',
} as const satisfies SessmanModuleOptions;

const RATE_HELP = 'expected a whole number of requests a minute, or 0 for no limit';
const ORIGIN_HELP = "expected an origin such as 'https://app.example.com'";

const sessmanOptions = optionsObject({
  ttl: duration.prefault(SESSMAN_DEFAULTS.ttl),
  maxTtl: duration.prefault(SESSMAN_DEFAULTS.maxTtl),
  maxDataBytes: byteSize.prefault(SESSMAN_DEFAULTS.maxDataBytes),
  requestsPerMinute: z.int(RATE_HELP).min(0, RATE_HELP).default(SESSMAN_DEFAULTS.requestsPerMinute),
  auth: z.enum(['api-key', 'none']).default(SESSMAN_DEFAULTS.auth),
  corsOrigins: z
    .array(
      z.string().transform((text, context) => {
        const origin = normalizeOrigin(text);
        if (origin === null) context.addIssue({ code: 'custom', message: ORIGIN_HELP });
        return origin ?? z.NEVER;
      }),
    )
    .default([])
    .readonly(),
  idempotencyRetention: duration.prefault(SESSMAN_DEFAULTS.idempotencyRetention),
}).refine(({ ttl, maxTtl }) => ttl <= maxTtl, { path: ['ttl'], message: 'expected at most maxTtl; raise maxTtl' });

/** @throws OptionsError */
export function resolveSessmanOptions(options: SessmanModuleOptions = {}): ResolvedSessmanOptions {
  return parseOptions('SessmanModule', sessmanOptions, options);
}
