import { setting } from './setting.js';
import { countText, durationText } from './text-types.js';

/** Limits on time and size for a client's requests. */
export const httpSettings = {
  REQUEST_TIMEOUT: setting(
    durationText,
    '30s',
    'How long a request may take to arrive whole, its body included; then it is 408 `request_timeout`. An answer may take as long as it likes.',
  ),
  HEADERS_TIMEOUT: setting(
    durationText,
    '10s',
    'How long the head of a request may take to arrive, and a new connection to begin one; then it is 408. Never longer than `REQUEST_TIMEOUT`.',
  ),
  KEEP_ALIVE_TIMEOUT: setting(
    durationText,
    '72s',
    'How long a connection waits for its next request. Longer than the proxy in front keeps it (60 s is usual), or that one sends requests into a connection that is being closed.',
  ),
  SEND_TIMEOUT: setting(
    durationText,
    '1m',
    'How long a client may take nothing of an answer that is ready for it; then its connection is closed. A stream that has nothing to say is not.',
  ),
  MAX_HEADERS: setting(
    countText(1, 10_000, 'expected a whole number from 1 to 10000'),
    '100',
    'How many header lines a request may have. More, or 16 KiB of them, is 431 `headers_too_large`.',
  ),
  MAX_REQUESTS_PER_CONNECTION: setting(
    countText(0, 1_000_000, 'expected a whole number up to 1000000, or 0 for no limit'),
    '0',
    'After so many requests a connection is closed, so that clients spread over new instances. `0`: no limit.',
  ),
  MAX_CONNECTIONS: setting(
    countText(0, 1_000_000, 'expected a whole number up to 1000000, or 0 for no limit'),
    '10000',
    'How many connections there are at once; more are closed at once, with a warning in the log. How many one client may have is for the proxy in front to say. `0`: no limit.',
  ),
} as const;
