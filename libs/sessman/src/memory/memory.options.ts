import { byteSize, type ByteSize, optionsObject, parseOptions } from 'nest-gatehouse/common';
import { z } from 'zod';

/** Beyond a bound the oldest answers are forgotten: a repetition of their requests would be carried out again. */
export interface MemoryIdempotencyOptions {
  /** The most idempotency keys kept, of all API keys together. Default 100 000. */
  maxRecords?: number;
  /** The most memory that they and their answers may take, in bytes or as `'64mb'`. Default `'64mb'`. */
  maxBytes?: ByteSize;
}

const MIB = 1024 * 1024;

const memoryIdempotencyOptions = optionsObject({
  maxRecords: z
    .int('expected a whole number of records; use 100000 if in doubt')
    .min(1, 'expected at least 1 record; use 100000 if in doubt')
    .default(100_000),
  maxBytes: byteSize
    .refine((bytes) => bytes >= MIB, "expected at least '1mb', room for some answers; use '64mb' if in doubt")
    .default(64 * MIB),
});

/** @throws OptionsError */
export function resolveMemoryIdempotencyOptions(options: MemoryIdempotencyOptions = {}): Required<{
  readonly [Name in keyof MemoryIdempotencyOptions]: number;
}> {
  return parseOptions('MemorySessmanStorageModule', memoryIdempotencyOptions, options);
}
