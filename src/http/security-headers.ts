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
