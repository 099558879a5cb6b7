import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { changesState, ownOrigin, userIdOf, type HttpRequest } from '../http/http-request.js';
import { carriesApiKey, normalizeOrigin } from 'nest-gatehouse/common';
import { SESSION_OPTIONS, type ResolvedSessionOptions } from 'nest-gatehouse/session/identity';

const OWN_SITES = new Set(['same-origin', 'none']);
// A browser sends this header to another origin only after that origin has allowed it.
const CLAIM_LENGTH = 100;
const NOT_IN_ORIGINS = /[^\w.:/[\]-]/g;

/**
 * Decides whether a page of another site has sent a request (OWASP ASVS 5.0, 3.5.1 to 3.5.3): by Fetch Metadata, else
 * by Origin; a request with neither does not come from a browser.
 */
@Injectable()
export class CrossSitePolicy {
  readonly #allowed: ReadonlySet<string>;

  /**
   * Whether a browser sends the session's token by itself. Not where it travels by header alone: a page of another site
   * does not have it.
   */
  readonly canBeForged: boolean;

  constructor(
    @Inject(AUTH_OPTIONS) options: Pick<ResolvedAuthOptions, 'allowedOrigins'>,
    @Inject(SESSION_OPTIONS) { transport }: Pick<ResolvedSessionOptions, 'transport'>,
  ) {
    this.canBeForged = transport !== 'header';
    this.#allowed = new Set(options.allowedOrigins.map((origin) => normalizeOrigin(origin)!));
  }

  refuses(request: HttpRequest): boolean {
    if (!this.canBeForged || !changesState(request)) return false;
    const { origin } = request.headers;
    if (origin && this.#allowed.has(origin)) return false;
    const site = request.headers['sec-fetch-site'];
    if (typeof site === 'string' && site !== '') return !OWN_SITES.has(site);
    return this.#isForeignOrigin(request);
  }

  /**
   * For a socket's handshake, which is a GET but opens a connection that can change state, and for each of its messages.
   * Before a session is opened nobody is known, so one that comes with an API key is let in.
   */
  refusesSocket(request: Pick<HttpRequest, 'headers' | 'protocol' | 'host' | 'session'>): boolean {
    return this.canBeForged && this.#isForeignOrigin(request) && !isByKeyAlone(request);
  }

  #isForeignOrigin(request: Pick<HttpRequest, 'headers' | 'protocol' | 'host'>): boolean {
    const { origin } = request.headers;
    return Boolean(origin) && !this.#allowed.has(origin!) && origin !== ownOrigin(request);
  }
}

/** An API key does not make the session beside it trustworthy. */
export function isByKeyAlone(request: Pick<HttpRequest, 'headers' | 'session'>): boolean {
  return carriesApiKey(request.headers) && userIdOf(request.session) === null;
}

/**
 * Where a refused request claims to come from, for the audit trail: the values of its headers, shortened, with only the
 * characters that an origin can have.
 */
export function claimedOrigin({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): string {
  const claims = { site: String(site ?? ''), origin: origin ?? '' };
  return Object.entries(claims)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${value.slice(0, CLAIM_LENGTH).replace(NOT_IN_ORIGINS, '?')}`)
    .join(', ');
}
