import { SESSMAN_DEFAULTS } from 'nest-gatehouse/sessman';
import { setting, optional } from './setting.js';
import { originsText } from './sign-in-types.js';
import { countText, oneOf, secondsText } from './text-types.js';

/** Of the session service for other programs. */
export const sessmanSettings = {
  SESSION_TTL: setting(
    secondsText,
    SESSMAN_DEFAULTS.ttl,
    'How long a session of another program lives after its last update. A bare number is seconds.',
  ),
  SESSION_TTL_MAX: setting(
    secondsText,
    SESSMAN_DEFAULTS.maxTtl,
    'The longest `ttl` that a program may ask for. A bare number is seconds.',
  ),
  API_KEY_RATE: setting(
    countText(0, 100_000_000, 'expected a whole number of requests a minute, or 0 for no limit'),
    SESSMAN_DEFAULTS.requestsPerMinute,
    'Requests a minute for each API key, at one server. More is 429 `rate_limited`. `0`: no limit.',
  ),
  SESSMAN_AUTH: setting(
    oneOf('api-key', 'none'),
    SESSMAN_DEFAULTS.auth,
    '`api-key`: programs need a key (`gatehouse apikey:create`). `none`: nobody does, and `HOST` must be a loopback address.',
  ),
  SESSMAN_CORS_ORIGINS: optional(
    originsText,
    'none',
    'Origins whose pages may call `/sessman` from a browser, comma-separated.',
  ),
} as const;
