import { DOCTOR_REMEDIES } from 'nest-gatehouse/session/doctor';

/** What can be seen from outside: some of what the server itself finds, and what only a client sees. */
export const OUTSIDE_REMEDIES = {
  insecure_connection: DOCTOR_REMEDIES.insecure_connection,
  same_site_none_insecure: DOCTOR_REMEDIES.same_site_none_insecure,
  cookie_path_mismatch: DOCTOR_REMEDIES.cookie_path_mismatch,
  cookie_domain_mismatch: DOCTOR_REMEDIES.cookie_domain_mismatch,
  cookie_too_large: DOCTOR_REMEDIES.cookie_too_large,
  cookie_set_twice: 'Let only one place set it: the application, or a proxy or another library, but not both.',
  cookie_prefix_broken:
    'A name with __Host- needs Secure, Path=/ and no Domain, one with __Secure- needs Secure; or take another name.',
  cookie_not_secure:
    'Trust the proxy that ends TLS (TRUST_PROXY, trust proxy, trustProxy), or set cookie.secure to true.',
  cookie_readable: 'Set HttpOnly: cookie.httpOnly is true by default.',
  session_not_kept:
    'Look whether a proxy removes or renames cookies, whether all servers are on one store, and whether SESSION_COOKIE_NAME is the same on all.',
  answer_cacheable: 'Answer with Cache-Control: no-store, and let no proxy or CDN replace it.',
  clock_skew: 'Synchronise the clock of the server, or of this machine, with NTP.',
  not_ready: 'Look into the log of the server; until then it cannot keep sessions.',
  no_cookie: 'Name an address whose answer sets the session cookie: gatehouse doctor URL.',
} as const satisfies Readonly<Record<string, string>>;

export type OutsideCode = keyof typeof OUTSIDE_REMEDIES;

export interface OutsideFinding {
  readonly code: OutsideCode;
  readonly message: string;
  readonly remedy: string;
}

export function finding(code: OutsideCode, message: string): OutsideFinding {
  return { code, message, remedy: OUTSIDE_REMEDIES[code] };
}
