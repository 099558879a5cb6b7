import { ADMIN_DEFAULTS } from 'nest-gatehouse/admin';
import { optional, setting } from './setting.js';
import { booleanText, hostText, metricsTokenText, oneOf, portText } from './text-types.js';

/** What operators see: the metrics for Prometheus, and what is set up wrong. */
export const metricsSettings = {
  SESSION_DOCTOR: optional(
    oneOf('true', 'start', 'false'),
    '`start` where `NODE_ENV` is `production`, otherwise `true`',
    'Whether mistakes in the set-up are looked for: `true`: at start and with each request; `start`: at start, and what costs nothing to see; `false`: never.',
  ),
  METRICS: setting(booleanText, 'true', '`true`: `/metrics` is there, for Prometheus. `false`: it is not.'),
  METRICS_TOKEN: optional(
    metricsTokenText,
    'only the role `admin`',
    'Whoever sends it as `Authorization: Bearer` may read `/metrics` without a sign-in. At least 16 characters, made by `openssl rand -base64 32`.',
  ),
  METRICS_PORT: optional(
    portText,
    'no port of their own',
    'The metrics also on this port, which answers nothing else; `0` takes a free one. Without `METRICS_TOKEN` it answers everybody who reaches it.',
  ),
  METRICS_HOST: setting(hostText, ADMIN_DEFAULTS.metricsHost, 'Where `METRICS_PORT` listens.'),
} as const;
