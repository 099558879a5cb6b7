import { HITS_DEFAULTS } from 'nest-gatehouse/hits';
import { setting } from './setting.js';
import { durationText, oneOf } from './text-types.js';

/** Of the counter of requests. */
export const hitsSettings = {
  HITS_MODE: setting(
    oneOf('buffered', 'strict'),
    HITS_DEFAULTS.mode,
    '`buffered`: hits are written once a second, and a server that is killed loses the last second of them. `strict`: a request is counted in the store before it is answered.',
  ),
  HITS_RETENTION: setting(
    durationText,
    HITS_DEFAULTS.retention,
    'How long hits are kept by hour, one day at least. The total is kept for ever.',
  ),
  HITS_DAILY_RETENTION: setting(
    durationText,
    HITS_DEFAULTS.dailyRetention,
    'How long hits are kept by day, at least as long as by hour.',
  ),
} as const;
