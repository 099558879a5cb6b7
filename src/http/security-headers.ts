import helmet, { type HelmetOptions } from 'helmet';
import type { Configuration } from '../config/settings.js';

const ONE_YEAR = 365 * 24 * 60 * 60;

/** Helmet's headers, for a server whose pages load nothing from anywhere else and run nothing inline. */
export function securityHeaders(configuration: Configuration) {
  return helmet(helmetOptions(configuration));
}

function helmetOptions(configuration: Configuration): HelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // A promise of HTTPS for a year: only where the session cookie is made for nothing else.
    strictTransportSecurity:
      configuration.SESSION_COOKIE_SECURE === true ? { maxAge: ONE_YEAR, includeSubDomains: false } : false,
    // With `no-referrer` a form's Origin is `null`, and over plain HTTP there is nothing else to know our own forms by.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  };
}
