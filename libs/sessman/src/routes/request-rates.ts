import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ResolvedSessmanOptions } from '../sessman.options.js';
import { SESSMAN_OPTIONS } from '../sessman.tokens.js';

const WINDOW = 60;

/** Headers of draft-ietf-httpapi-ratelimit-headers. */
export interface RateHeaders {
  readonly 'RateLimit-Policy': string;
  readonly RateLimit: string;
}

export interface RateVerdict {
  readonly headers: RateHeaders;
  /** Milliseconds until the next minute begins, if the key has used up this one. */
  readonly refusedFor: number | null;
}

/** Counts the requests of each API key in this process, in minutes that begin with the key's first request. */
@Injectable()
export class RequestRates {
  readonly #limit: number;
  readonly #limiter: RateLimiterMemory | null;

  constructor(@Inject(SESSMAN_OPTIONS) { requestsPerMinute }: ResolvedSessmanOptions) {
    this.#limit = requestsPerMinute;
    this.#limiter =
      requestsPerMinute > 0 ? new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW }) : null;
  }

  /** Counts one request. Null if there is no limit. */
  async count(keyId: string): Promise<RateVerdict | null> {
    if (!this.#limiter) return null;
    try {
      return this.#verdict(await this.#limiter.consume(keyId), false);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return this.#verdict(refusal, true);
      throw refusal;
    }
  }

  #verdict({ remainingPoints, msBeforeNext }: RateLimiterRes, isRefused: boolean): RateVerdict {
    const seconds = Math.max(1, Math.ceil(msBeforeNext / 1_000));
    return {
      headers: {
        'RateLimit-Policy': `"key";q=${this.#limit};w=${WINDOW}`,
        RateLimit: `"key";r=${Math.max(0, remainingPoints)};t=${seconds}`,
      },
      refusedFor: isRefused ? msBeforeNext : null,
    };
  }
}
