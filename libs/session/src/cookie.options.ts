import { z } from 'zod';
import { optionsObject } from 'nest-gatehouse/common';
import { FOREIGN_COOKIE_OPTIONS } from './foreign.options.js';

export interface CookieOptions {
  /**
   * What it is called. Default `'__Host-sid'` where `secure` is true, `path` is `/` and there is no `domain`; `'__Secure-sid'` where only
   * `secure` is true; otherwise `'sid'`.
   */
  name?: string;
  /** The path below which browsers send it. Default `'/'`. */
  path?: string;
  /** A domain whose subdomains get it too, such as `'example.com'`. Default: none, so it is sent to this host only. */
  domain?: string;
  /**
   * `true`: only over HTTPS. `'auto'`: if the request came over HTTPS, as the platform sees it (`trust proxy` on
   * Express, `trustProxy` on Fastify). Default `true` if NODE_ENV is `production`, otherwise `'auto'`.
   */
  secure?: boolean | 'auto';
  /**
   * Whether it is sent with requests that come from pages of other sites: `'lax'` with links, `'none'` with all,
   * `'strict'` with none. Default `'lax'`. `'none'` needs `secure: true`.
   */
  sameSite?: 'strict' | 'lax' | 'none';
  /** Whether scripts cannot read the cookie. Default `true`. */
  httpOnly?: boolean;
  /** CHIPS: a separate cookie for each top-level site. Needs `secure: true`. Default `false`. */
  partitioned?: boolean;
  /**
   * `true`: the cookie outlives the browser, with `Max-Age` and `Expires` of the session's own end, and moves with
   * every answer. Default `false`: a browser-session cookie.
   */
  persistent?: boolean;
}

export type ResolvedCookieOptions = Readonly<Required<Omit<CookieOptions, 'domain'>>> & {
  readonly domain: string | undefined;
};

const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
const ATTRIBUTE = /^[\u0020-\u003a\u003c-\u007e]*$/;
const HOST_NAME = /^\.?([a-z0-9]([a-z0-9-]*[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

function defaultName(secure: boolean | 'auto', path: string, domain: string | undefined): string {
  if (secure !== true) return 'sid';
  return path === '/' && domain === undefined ? '__Host-sid' : '__Secure-sid';
}

export const cookieOptions = optionsObject(
  {
    name: z.string().regex(COOKIE_NAME, 'expected a cookie name (RFC 6265 token, at most 64 characters)').optional(),
    path: z.string().startsWith('/', "expected a path that begins with '/'").regex(ATTRIBUTE).default('/'),
    domain: z.string().regex(HOST_NAME, 'expected a host name such as example.com').optional(),
    secure: z.union([z.boolean(), z.literal('auto')]).optional(),
    sameSite: z.enum(['strict', 'lax', 'none']).default('lax'),
    httpOnly: z.boolean().default(true),
    partitioned: z.boolean().default(false),
    persistent: z.boolean().default(false),
  },
  { elsewhere: FOREIGN_COOKIE_OPTIONS },
)
  .prefault({})
  .transform((cookie, context): ResolvedCookieOptions => {
    const secure = cookie.secure ?? (process.env.NODE_ENV === 'production' ? true : 'auto');
    const name = cookie.name ?? defaultName(secure, cookie.path, cookie.domain);
    const refuse = (option: string, message: string) =>
      context.issues.push({ code: 'custom', input: cookie, path: [option], message });

    const prefix = name.toLowerCase();
    if (secure !== true) {
      if (prefix.startsWith('__host-') || prefix.startsWith('__secure-')) {
        refuse('name', `a browser drops ${name} unless secure is true; set secure: true or take a plain name`);
      }
      if (cookie.sameSite === 'none') refuse('sameSite', "a browser drops 'none' unless secure is true");
      if (cookie.partitioned) refuse('partitioned', 'a browser drops it unless secure is true');
    }
    if (prefix.startsWith('__host-') && (cookie.path !== '/' || cookie.domain !== undefined)) {
      refuse('name', `a browser drops ${name} unless path is '/' and no domain is set`);
    }
    return { ...cookie, secure, name, domain: cookie.domain };
  });
