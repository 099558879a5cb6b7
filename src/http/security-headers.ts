import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet, { type HelmetOptions } from 'helmet';
import type { Configuration } from '../config/settings.js';

const ONE_YEAR = 365 * 24 * 60 * 60;

export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * The headers of every answer: helmet's, for a server whose pages load nothing from other origins and run no inline
 * code. They are the same for all requests, so helmet runs once.
 */
export function securityHeaders(configuration: Configuration): HeaderList {
  const headers: [string, string][] = [];
  const recorder = {
    setHeader: (name: string, value: string) => headers.push([name, value]),
    removeHeader: () => undefined,
  } as unknown as ServerResponse;
  helmet(helmetOptions(configuration))({} as IncomingMessage, recorder, () => undefined);
  return headers;
}

function helmetOptions(configuration: Configuration): HelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Browsers will require HTTPS for a year, so it is sent only if the session cookie is always secure. It cannot be
    // taken back, so subdomains, which may belong to others, are included only if configured.
    strictTransportSecurity:
      configuration.SESSION_COOKIE_SECURE === true
        ? { maxAge: ONE_YEAR, includeSubDomains: configuration.HSTS_INCLUDE_SUBDOMAINS }
        : false,
    // So that no page of another site can read an answer through a window it opened or an element it embeds (OWASP ASVS
    // 5.0, 3.4.8, 3.5.8).
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    // With `no-referrer` a form's Origin is `null`, and over plain HTTP only the Origin identifies our own forms.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  };
}
