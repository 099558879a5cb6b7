import { Inject, Injectable } from '@nestjs/common';
import { hashSecret, isSameHash, ProblemException } from 'nest-gatehouse/common';
import type { ResolvedAdminOptions } from '../admin.options.js';
import { ADMIN_OPTIONS } from '../admin.tokens.js';

/** RFC 6750; the scheme's case does not matter. */
const BEARER = /^Bearer +(\S+) *$/i;

/** `absent`: the request has no `Authorization: Bearer`, or no token is set here. */
export type TokenVerdict = 'right' | 'wrong' | 'absent';

/** Checks the token of a scraper, in constant time. */
@Injectable()
export class MetricsAccess {
  readonly #hash: string | null;

  constructor(@Inject(ADMIN_OPTIONS) { metricsToken }: ResolvedAdminOptions) {
    this.#hash = metricsToken === null ? null : hashSecret(metricsToken);
  }

  get needsToken(): boolean {
    return this.#hash !== null;
  }

  check(authorization: string | undefined): TokenVerdict {
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined || this.#hash === null) return 'absent';
    return isSameHash(hashSecret(token), this.#hash) ? 'right' : 'wrong';
  }
}

export function metricsTokenInvalid(): ProblemException {
  return new ProblemException(401, 'metrics_token_invalid', 'This is not the token of the metrics.');
}

export function metricsTokenRequired(): ProblemException {
  return new ProblemException(
    401,
    'metrics_token_required',
    'This needs the token of the metrics, as Authorization: Bearer.',
  );
}
