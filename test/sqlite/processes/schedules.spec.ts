import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import type { TestStorage } from '../../support/apps/test-storage.js';
import { inAnyOrder, schedulesOn, TIME_LIMIT } from '../../session/schedules/in-any-order.js';
import { type Fault, type Instances, openInstances } from '../../session/schedules/instances.js';
import { ContractsOfProcess } from '../support/contracts-of-process.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

describe('Sessions of two processes on one SQLite file, in any order of the calls of the store', () => {
  let directory: TemporaryDirectory;
  let other: ContractsOfProcess | undefined;

  beforeAll(() => {
    directory = temporaryDirectory();
  });
  afterAll(() => directory.remove());

  async function open(name: string, fault?: Fault): Promise<Instances> {
    const file = join(directory.path, `${name}.db`);
    const storage: TestStorage = {
      name,
      platforms: ['fastify'],
      isShared: true,
      leasesRunBy: 'application',
      patience: 40,
      describe,
      open: () =>
        Promise.resolve({
          imports: () => [SqliteStorageModule.forRoot({ file })],
          empty: () => Promise.reject(new Error('Each test has a file of its own.')),
          close: () => Promise.resolve(),
        }),
    };
    return openInstances(storage, {
      fault,
      otherProcess: async (clock) => (other = await ContractsOfProcess.open(file, clock)),
    });
  }

  it(
    'answer as a model that serves one call at a time',
    async () => {
      const instances = await open('whole');
      await inAnyOrder('SQLite in two processes', instances, 150);
      await instances.close();
      expect(other!.calls).toBeGreaterThan(150);
    },
    TIME_LIMIT,
  );

  it(
    'show where this process does not see what the other one writes',
    async () => {
      const instances = await open('stale', forgetful);
      const found = await fc.check(schedulesOn(instances), { numRuns: 2_000, seed: 1, endOnFailure: true });
      await instances.close();
      expect(found.failed).toBe(true);
    },
    TIME_LIMIT,
  );
});

/** Remembers what it has read until it writes itself, as a cache would that never looks at the file. */
const forgetful: Fault = ({ store }) => {
  const seen = new Map<string, unknown>();
  const read = store.read.bind(store);
  store.read = async (handle) => {
    if (!seen.has(handle)) seen.set(handle, await read(handle));
    return seen.get(handle) as Awaited<ReturnType<typeof read>>;
  };
  for (const method of ['update', 'rotate', 'delete'] as const) {
    const original = store[method].bind(store) as (...args: unknown[]) => unknown;
    Reflect.set(store, method, (handle: string, ...rest: unknown[]) => {
      seen.delete(handle);
      return original(handle, ...rest);
    });
  }
};
