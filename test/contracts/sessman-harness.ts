import type { ApiKeyStore, IdempotencyStore } from 'nest-gatehouse/sessman/storage';
import { suite } from './harness.js';

/** The API keys and idempotency keys of one storage under test, empty when it is opened. */
export interface SessmanHarness {
  readonly keys: ApiKeyStore;
  readonly idempotency: IdempotencyStore;
  /** The present time, in milliseconds since the epoch. */
  now(): number;
  close(): Promise<void>;
}

export interface SessmanHarnessFactory {
  open(): Promise<SessmanHarness>;
}

export const sessmanSuite = suite<SessmanHarness>;
