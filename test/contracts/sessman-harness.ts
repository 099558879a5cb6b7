import type { ApiKeyStore, IdempotencyStore } from 'nest-gatehouse/sessman/storage';
import type { TestRunner } from './harness.js';

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

export type SessmanScenario = (behaviour: string, body: (harness: SessmanHarness) => Promise<void>) => void;

/** Runs a suite whose scenarios each have a storage of their own, with the runner's globals where none is given. */
export function sessmanSuite(
  name: string,
  factory: SessmanHarnessFactory,
  runner: TestRunner | undefined,
  body: (scenario: SessmanScenario) => void,
): void {
  const { describe, it } = runner ?? (globalThis as unknown as TestRunner);
  describe(name, () => {
    body((behaviour, run) => {
      it(behaviour, async () => {
        const harness = await factory.open();
        try {
          await run(harness);
        } finally {
          await harness.close();
        }
      });
    });
  });
}
