import bytes from 'bytes';
import ms, { type StringValue } from 'ms';
import { z } from 'zod';

/** `'500ms'`, `'2s'`, `'30m'`, `'12h'`, `'90d'`, or a number of milliseconds. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`;

/** `65536`, `'65536'`, `'64kb'`, `'1mb'`: bytes, with units of 1024. */
export type ByteSize = number | string;

const DURATION = /^\d{1,15}(\.\d{1,6})?(ms|s|m|h|d|w)$/;
const BYTE_SIZE = /^\d{1,15}(\.\d{1,6})?(b|kb|mb|gb)?$/i;
// 400 years: added to today it still gives a valid date.
const MAX_DURATION = 400 * 365 * 24 * 60 * 60 * 1000;

export const DURATION_HELP = "expected milliseconds or a duration such as '500ms', '2s', '30m', '12h' or '90d'";
export const BYTE_SIZE_HELP = "expected bytes or a size such as '65536' or '64kb'";

function parseDuration(input: unknown): number {
  if (typeof input === 'number') return input;
  return typeof input === 'string' && DURATION.test(input) ? Math.round(ms(input as StringValue)) : Number.NaN;
}

function parseByteSize(input: unknown): number {
  if (typeof input === 'number') return input;
  return typeof input === 'string' && BYTE_SIZE.test(input) ? (bytes.parse(input) ?? Number.NaN) : Number.NaN;
}

function isMilliseconds(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= MAX_DURATION;
}

/** A duration of at least 1 ms, as milliseconds. */
export const duration = z
  .custom<Duration>((input) => isMilliseconds(parseDuration(input), 1), `${DURATION_HELP}, more than zero`)
  .transform(parseDuration);

/** A duration that may be 0, as milliseconds. */
export const durationOrZero = z
  .custom<Duration>((input) => isMilliseconds(parseDuration(input), 0), DURATION_HELP)
  .transform(parseDuration);

/** A size of at least 1 byte, as bytes. */
export const byteSize = z
  .custom<ByteSize>((input) => Number.isSafeInteger(parseByteSize(input)) && parseByteSize(input) > 0, BYTE_SIZE_HELP)
  .transform(parseByteSize);

/** A size that may be 0, as bytes. */
export const byteSizeOrZero = z
  .custom<ByteSize>((input) => Number.isSafeInteger(parseByteSize(input)) && parseByteSize(input) >= 0, BYTE_SIZE_HELP)
  .transform(parseByteSize);

/** A refusal to start: which option, what is wrong with it, what to do. */
export class OptionsError extends Error {
  constructor(module: string, issues: readonly { path: string; message: string }[]) {
    const lines = issues.map(({ path, message }) => `  ${path || '(options)'}: ${message}`);
    super(`${module} was given options it cannot use:\n${lines.join('\n')}`);
    this.name = 'OptionsError';
  }
}

/** Parses options once, at start. @throws OptionsError that names each option and its fault. */
export function parseOptions<T extends z.ZodType>(module: string, schema: T, options: unknown): z.output<T> {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  throw new OptionsError(
    module,
    result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  );
}
