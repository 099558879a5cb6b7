import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { STORAGES } from '../support/apps/storages.js';
import type { TestStorage } from '../support/apps/test-storage.js';
import { type Fault, type Instances, openInstances } from './schedules/instances.js';
import { programs } from './schedules/programs.js';
import { ScheduleRun } from './schedules/schedule-run.js';
import { SEEDED_FAULTS } from './schedules/seeded-faults.js';

const LONG = process.env['SESSION_SCHEDULES'];
/** On MongoDB each command has its turn, so a schedule takes longer. */
const runsOn = ({ leasesRunBy }: TestStorage) => Number(LONG ?? (leasesRunBy === 'server' ? 30 : 150));
// For the long form; the short one takes seconds.
const TIME_LIMIT = 3 * 3_600_000;
/** A seeded fault is found within so many schedules, which are always the same, unless a seed is given. */
const MAX_TO_FIND = 2_000;
const SEED = process.env['GATEHOUSE_PROPERTY_SEED'];

let number = 0;

const schedulesOn = (instances: Instances) =>
  fc.asyncProperty(programs, fc.scheduler(), (program, scheduler) =>
    new ScheduleRun(instances, number++).run(program, scheduler),
  );

const print = (line: string) => void (LONG !== undefined && process.stdout.write(`${line}\n`));

for (const storage of STORAGES) {
  storage.describe(`Sessions on ${storage.name}, in any order of the calls of the store`, () => {
    let instances: Instances;

    beforeAll(async () => {
      instances = await openInstances(storage);
    });
    afterAll(() => instances.close());

    it(
      'answer as a model that serves one call at a time',
      async () => {
        const begun = performance.now();
        const runs = runsOn(storage);
        const seed = SEED === undefined ? Date.now() % 2 ** 31 : Number(SEED);
        await fc.assert(schedulesOn(instances), { numRuns: runs, seed });
        const seconds = ((performance.now() - begun) / 1000).toFixed(1);
        print(`${storage.name}: ${runs} schedules, seed ${seed}, ${seconds} s`);
      },
      TIME_LIMIT,
    );
  });
}

const [memory] = STORAGES.filter(({ isShared }) => !isShared);

memory?.describe('A fault of a store that is found by schedules', () => {
  it.each(Object.entries(SEEDED_FAULTS))(
    '%s',
    async (name: string, fault: Fault) => {
      const instances = await openInstances(memory, fault);
      const parameters = { numRuns: MAX_TO_FIND, seed: Number(SEED ?? 1), endOnFailure: true };
      const found = await fc.check(schedulesOn(instances), parameters);
      await instances.close();
      print(`${name}: found by schedule ${found.numRuns}, seed ${found.seed}`);
      expect(found.failed).toBe(true);
    },
    TIME_LIMIT,
  );
});
