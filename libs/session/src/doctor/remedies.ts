/** What to do about each finding of the doctor. Its codes are stable: programs match them. */
export const REMEDIES = {
  insecure_connection:
    'Serve it over HTTPS: let a proxy in front end TLS, forward X-Forwarded-Proto, and trust that proxy. For plain HTTP in development only: cookie.secure false or auto.',
  proxy_not_trusted:
    "Trust the proxy in front: TRUST_PROXY in the reference server, app.set('trust proxy', …) on Express, new FastifyAdapter({ trustProxy: … }) on Fastify.",
  proxy_header_unreadable:
    "Let the proxy set X-Forwarded-For itself, to its client's IP address, instead of passing on what the client sent.",
  same_site_none_insecure: 'Set Secure too, or SameSite=Lax: a browser drops SameSite=None without Secure.',
  same_site_too_strict:
    "For pages on another site set cookie: { sameSite: 'none', secure: true }, or use transport: 'header'. Better: serve the pages from the same site.",
  cookie_path_mismatch: "Set cookie.path to '/', or to a path that all routes with a session are below.",
  cookie_domain_mismatch:
    'Remove the domain, so that the cookie belongs to the host that set it; or name this host, or a domain it is below.',
  credentials_missing:
    "Call with fetch(…, { credentials: 'include' }) (axios: withCredentials), answer with Access-Control-Allow-Credentials: true, and name the origin in CORS instead of *.",
  duplicate_cookies:
    "Clear the site's cookies in the browser once. They remain from another path or domain of this cookie's: keep these as they are, or give the cookie a new name.",
  clock_skew: 'Synchronise the clocks of all servers on this store, with NTP; the idle end is computed from them.',
  cookie_too_large: 'Keep the value in the session, and only what the browser itself needs in the cookie.',
  changed_after_answer: 'Change the session before the answer is sent, or call and await session.save() afterwards.',
  await_forgotten: 'Put await before it, or answer in its callback.',
  idle_time_too_short:
    "Durations are in milliseconds: write 1800000 or '30m' for half an hour. Nobody can use a session that ends within ten seconds.",
} as const satisfies Readonly<Record<string, string>>;

export type DoctorCode = keyof typeof REMEDIES;
