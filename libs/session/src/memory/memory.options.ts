import { z } from 'zod';
import { byteSize, type ByteSize, optionsObject, parseOptions } from 'nest-gatehouse/common';

export interface MemoryStorageOptions {
  /** The most sessions kept. One more ends the anonymous session that was used longest ago. Default 200 000. */
  maxSessions?: number;
  /**
   * The most memory that sessions may take, in bytes or as `'256mb'`: an estimate of what they take on the heap, data
   * and overhead. Beyond it the anonymous session used longest ago ends. At least `'1mb'`. Default `'256mb'`.
   */
  maxBytes?: ByteSize;
}

export interface ResolvedMemoryStorageOptions {
  readonly maxSessions: number;
  readonly maxBytes: number;
}

const MIN_BYTES = 1024 * 1024;

const memoryStorageOptions = optionsObject({
  maxSessions: z
    .int('expected a whole number of sessions; use 200000 if in doubt')
    .min(1, 'expected at least 1 session; use 200000 if in doubt')
    .max(2 ** 24, 'expected at most 16777216, which is all a Map holds; use a database for more')
    .default(200_000),
  maxBytes: byteSize
    .refine(
      (bytes) => bytes >= MIN_BYTES,
      "expected at least '1mb', room for one large session; use '256mb' if in doubt",
    )
    .default(256 * MIN_BYTES),
});

/** @throws OptionsError */
export function resolveMemoryStorageOptions(options: MemoryStorageOptions = {}): ResolvedMemoryStorageOptions {
  return parseOptions('MemoryStorageModule', memoryStorageOptions, options);
}
