import fc from 'fast-check';
import type { Instances } from './instances.js';
import { programs } from './programs.js';
import { ScheduleRun } from './schedule-run.js';

/** How many schedules the long form tries; undefined in the short one. */
export const LONG = process.env['SESSION_SCHEDULES'];
/** That of one run, to have it again. */
export const SEED = process.env['GATEHOUSE_PROPERTY_SEED'];
/** For the long form, in milliseconds; the short one takes seconds. */
export const TIME_LIMIT = 3 * 3_600_000;

export const anySeed = () => Date.now() % 2 ** 31;

let number = 0;

export const schedulesOn = (instances: Instances) =>
  fc.asyncProperty(programs, fc.scheduler(), (program, scheduler) =>
    new ScheduleRun(instances, number++).run(program, scheduler),
  );

/**
 * Tries random programs in random orders of their calls. @param runs how many in the short form
 * @throws Error that shows the calls, if no order of them explains what was answered
 */
export async function inAnyOrder(name: string, instances: Instances, runs: number): Promise<void> {
  const begun = performance.now();
  const numRuns = Number(LONG ?? runs);
  const seed = Number(SEED ?? anySeed());
  await fc.assert(schedulesOn(instances), { numRuns, seed });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  print(`${name}: ${numRuns} schedules, seed ${seed}, ${seconds} s`);
}

/** In the long form only. */
export function print(line: string): void {
  if (LONG !== undefined) process.stdout.write(`${line}\n`);
}
