import { setting } from './setting.js';
import { countText, durationText } from './text-types.js';

/** Limits on time and size for a client's requests. */
export const httpSettings = {
  REQUEST_TIMEOUT: setting(
    durationText,
    '30s',
    'How long a request may take to arrive completely, including its body; then it is 408 `request_timeout`. Answers have no time limit.',
  ),
  HEADERS_TIMEOUT: setting(
    durationText,
    '10s',
    'How long the head of a request may take to arrive, and a new connection to begin one; then it is 408. Never longer than `REQUEST_TIMEOUT`.',
  ),
  KEEP_ALIVE_TIMEOUT: setting(
    durationText,
    '72s',
    'How long a connection waits for its next request. It must be longer than the proxy in front keeps it (usually 60 s), otherwise the proxy sends requests into a connection that is being closed.',
  ),
  SEND_TIMEOUT: setting(
    durationText,
    '1m',
    'How long a client may read nothing of an answer that is ready; then its connection is closed. A stream that has nothing to send is not affected.',
  ),
  MAX_HEADERS: setting(
    countText(1, 10_000, 'expected a whole number from 1 to 10000'),
    '100',
    'How many header lines a request may have. More, or 16 KiB of them, is 431 `headers_too_large`.',
  ),
  MAX_REQUESTS_PER_CONNECTION: setting(
    countText(0, 1_000_000, 'expected a whole number up to 1000000, or 0 for no limit'),
    '0',
    'After this many requests a connection is closed, so that clients spread over new instances. `0`: no limit.',
  ),
  MAX_CONNECTIONS: setting(
    countText(0, 1_000_000, 'expected a whole number up to 1000000, or 0 for no limit'),
    '10000',
    'How many connections may be open; further ones are closed at once, with a warning in the log. Limit the connections of one client in the proxy in front. `0`: no limit.',
  ),
} as const;
