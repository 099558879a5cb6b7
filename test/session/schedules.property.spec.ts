import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { STORAGES } from '../support/apps/storages.js';
import type { TestStorage } from '../support/apps/test-storage.js';
import { inAnyOrder, print, schedulesOn, SEED, TIME_LIMIT } from './schedules/in-any-order.js';
import { type Fault, type Instances, openInstances } from './schedules/instances.js';
import { SEEDED_FAULTS } from './schedules/seeded-faults.js';

/** On MongoDB each command has its turn, so a schedule takes longer. */
const runsOn = ({ leasesRunBy }: TestStorage) => (leasesRunBy === 'server' ? 30 : 150);
/** A seeded fault is found within so many schedules, which are always the same, unless a seed is given. */
const MAX_TO_FIND = 2_000;

for (const storage of STORAGES) {
  storage.describe(`Sessions on ${storage.name}, in any order of the calls of the store`, () => {
    let instances: Instances;

    beforeAll(async () => {
      instances = await openInstances(storage);
    });
    afterAll(() => instances.close());

    it(
      'answer as a model that serves one call at a time',
      () => inAnyOrder(storage.name, instances, runsOn(storage)),
      TIME_LIMIT,
    );
  });
}

const [memory] = STORAGES.filter(({ isShared }) => !isShared);

memory?.describe('A fault of a store that is found by schedules', () => {
  it.each(Object.entries(SEEDED_FAULTS))(
    '%s',
    async (name: string, fault: Fault) => {
      const instances = await openInstances(memory, { fault });
      const parameters = { numRuns: MAX_TO_FIND, seed: Number(SEED ?? 1), endOnFailure: true };
      const found = await fc.check(schedulesOn(instances), parameters);
      await instances.close();
      print(`${name}: found by schedule ${found.numRuns}, seed ${found.seed}`);
      expect(found.failed).toBe(true);
    },
    TIME_LIMIT,
  );
});
