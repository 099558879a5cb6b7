const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const lengths = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export interface PageTime {
  /** For `datetime`. */
  readonly iso: string;
  /** `21 Nov 2026, 02:38 UTC`. */
  readonly exact: string;
  /** `5 minutes ago`, `in 2 days`: independent of the time zone, which a page without script does not know. */
  readonly relative: string;
}

export function pageTime(time: number | string, now: number): PageTime {
  const date = new Date(time);
  return {
    iso: date.toISOString(),
    exact: `${exact.format(date)} UTC`,
    relative: relativeTime(date.getTime() - now),
  };
}

/** `12 seconds`, `about 3 minutes`, `about 2 hours`. */
export function waitInWords(seconds: number): string {
  if (seconds < 60) return count(seconds, 'second');
  if (seconds < 3_600) return `about ${count(Math.ceil(seconds / 60), 'minute')}`;
  return `about ${count(Math.ceil(seconds / 3_600), 'hour')}`;
}

function relativeTime(difference: number): string {
  const [unit, length] = UNITS.find(([, milliseconds]) => Math.abs(difference) >= milliseconds) ?? [];
  if (unit === undefined || length === undefined) return difference <= 0 ? 'just now' : 'within a minute';
  return relative.format(Math.round(difference / length), unit);
}

function count(number: number, unit: string): string {
  return `${lengths.format(number)} ${unit}${number === 1 ? '' : 's'}`;
}
