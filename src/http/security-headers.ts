import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet, { type HelmetOptions } from 'helmet';
import type { Configuration } from '../config/settings.js';

const ONE_YEAR = 365 * 24 * 60 * 60;

export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * What every answer carries, whoever makes it: helmet's headers, for a server whose pages load nothing from anywhere else and run nothing
 * inline. They are the same for all requests, so helmet is asked once.
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
    // A promise of HTTPS for a year: only where the session cookie is made for nothing else. It cannot be taken back, so it speaks for
    // subdomains, which may be somebody else's, only where that is told.
    strictTransportSecurity:
      configuration.SESSION_COOKIE_SECURE === true
        ? { maxAge: ONE_YEAR, includeSubDomains: configuration.HSTS_INCLUDE_SUBDOMAINS }
        : false,
    // So that no other site's page gets at an answer by a window it opened or an element it embeds (OWASP ASVS 5.0, 3.4.8, 3.5.8).
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    // With `no-referrer` a form's Origin is `null`, and over plain HTTP there is nothing else to know our own forms by.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  };
}
