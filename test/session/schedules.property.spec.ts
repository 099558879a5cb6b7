import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { STORAGES } from '../support/apps/storages.js';
import type { TestStorage } from '../support/apps/test-storage.js';
import { anySeed, inAnyOrder, LONG, print, schedulesOn, SEED, TIME_LIMIT } from './schedules/in-any-order.js';
import { type Fault, type Instances, openInstances } from './schedules/instances.js';
import { SEEDED_FAULTS } from './schedules/seeded-faults.js';

/** On MongoDB each command has its turn, so a schedule takes longer. */
const runsOn = ({ leasesRunBy }: TestStorage) => (leasesRunBy === 'server' ? 30 : 150);
/** A seeded fault is found within so many schedules, whatever the seed. */
const MAX_TO_FIND = 2_000;
/** Those that find each fault soon, for the short form. Where schedules are made another way, others may be sooner. */
const SOON: Readonly<Record<string, number>> = {
  'a save revives an ended session': 4,
  'an end does not remove the session': 2,
  'an end is told to everyone who asks for it': 4,
  'a save writes all that its request has read': 6,
  'an increment reads, and then writes': 39,
  'a renewal does not look at the secret that it replaces': 4,
  'the former secret stays good': 4,
  'an epoch revokes nothing': 3,
  'a save under a lock has no fence': 234,
  'a lock is granted to everyone': 6,
  'a sweep removes what was used since its idle end was noted': 92,
};

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
      const seed = Number(SEED ?? (LONG === undefined ? SOON[name] : undefined) ?? anySeed());
      const found = await fc.check(schedulesOn(instances), { numRuns: MAX_TO_FIND, seed, endOnFailure: true });
      await instances.close();
      print(`${name}: found by schedule ${found.numRuns}, seed ${found.seed}`);
      expect(found.failed).toBe(true);
    },
    TIME_LIMIT,
  );
});
