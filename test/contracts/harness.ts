import type { SessionIndex, SessionLocks, SessionRecord, SessionStore } from 'nest-gatehouse/session/storage';
import { sessionAt } from './session-record.js';

export { ABSOLUTE, IDLE } from './session-record.js';

/** One storage under test, empty when it is opened. */
export interface StorageHarness {
  readonly store: SessionStore;
  readonly index: SessionIndex;
  readonly locks: SessionLocks;
  /** The storage's present time, in milliseconds since the epoch. */
  now(): number;
  /** Lets this much time pass for the storage: moves its clock, or really waits where a server's clock counts. */
  elapse(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

export interface StorageHarnessFactory<Harness extends StorageHarness = StorageHarness> {
  open(): Promise<Harness>;
}

/** What the suites need of a test runner: Jest, Vitest and `node:test` have it. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** A storage under test. */
interface Closable {
  close(): Promise<void>;
}

export type Scenario<Harness extends Closable = StorageHarness> = (
  behaviour: string,
  body: (harness: Harness) => Promise<void>,
) => void;

/** Runs a suite whose scenarios each have a storage of their own, with the runner's globals where none is given. */
export function suite<Harness extends Closable>(
  name: string,
  factory: { open(): Promise<Harness> },
  runner: TestRunner | undefined,
  body: (scenario: Scenario<Harness>) => void,
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

export function newRecord(harness: StorageHarness, changes: Partial<SessionRecord> = {}): SessionRecord {
  return sessionAt(harness.now(), changes);
}

/** A record that ends after this many milliseconds. */
export function shortRecord(
  harness: StorageHarness,
  lifetime: number,
  changes: Partial<SessionRecord> = {},
): SessionRecord {
  const end = harness.now() + lifetime;
  return newRecord(harness, { idleTimeout: lifetime, idleExpiresAt: end, expiresAt: end, ...changes });
}

/** Stores a new record, and returns it. */
export async function stored(harness: StorageHarness, changes: Partial<SessionRecord> = {}): Promise<SessionRecord> {
  const record = newRecord(harness, changes);
  await harness.store.insert(record);
  return record;
}

export function handlesOf(sessions: readonly { readonly handle: string }[]): string[] {
  return handlesInOrder(sessions).sort();
}

/** An array of our own: one made by a native driver may have another prototype under a test runner. */
export function handlesInOrder(sessions: readonly { readonly handle: string }[]): string[] {
  return Array.from(sessions, ({ handle }) => handle);
}
