import type { Configuration } from '../config/settings.js';

export interface CookieDescription {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly meaning: string }[];
}

/** The session cookie as this visitor's browser would receive it now, in words. */
export function describeCookie(
  configuration: Configuration,
  isHttps: boolean,
  isPersistent = configuration.SESSION_COOKIE_PERSISTENT,
): CookieDescription {
  const secure = configuration.SESSION_COOKIE_SECURE;
  return {
    name: configuration.SESSION_COOKIE_NAME,
    attributes: [
      { name: 'Path=/', meaning: 'Sent to every page of this site, and to no other site.' },
      { name: 'HttpOnly', meaning: 'Scripts on the page cannot read it.' },
      { name: 'SameSite=Lax', meaning: 'Other sites cannot make your browser post with it.' },
      ...((secure === 'auto' ? isHttps : secure)
        ? [{ name: 'Secure', meaning: 'Never sent without encryption.' }]
        : []),
      isPersistent
        ? { name: 'Max-Age, Expires', meaning: 'Kept until the session ends, and moved with every answer.' }
        : { name: 'no Max-Age', meaning: 'Forgotten when you close the browser.' },
    ],
  };
}
