import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { AdminJob, AdminJobs } from 'nest-gatehouse/admin/storage';
import { parallel } from './auth-harness.js';
import { suite, type TestRunner } from './harness.js';

/** The jobs of one storage under test, empty when it is opened. */
export interface AdminHarness {
  readonly jobs: AdminJobs;
  close(): Promise<void>;
}

export interface AdminHarnessFactory {
  open(): Promise<AdminHarness>;
}

const START = 1_700_000_000_000;
const LEASE = 30_000;

function newJob(changes: Partial<AdminJob> = {}): AdminJob {
  const id = randomBytes(16).toString('base64url');
  const times = { startedAt: START, leaseUntil: START + LEASE };
  return { id, state: 'running', matched: 7, ended: 0, step: null, ...times, ...changes };
}

const plain = (job: AdminJob | null) => job && { ...job };
const idsOf = (jobs: readonly AdminJob[]) => Array.from(jobs, ({ id }) => id).sort();

/** What every `AdminJobs` promises. */
export function adminJobsContract(name: string, factory: AdminHarnessFactory, runner?: TestRunner): void {
  suite(`${name}: AdminJobs`, factory, runner, (test) => {
    const scenario = (behaviour: string, body: (jobs: AdminJobs) => Promise<void>) =>
      test(behaviour, ({ jobs }) => body(jobs));

    scenario('gives back every field as it was given', async (jobs) => {
      const [bare, full] = [newJob(), newJob({ state: 'failed', matched: 9, ended: 3, step: '{"$x":"a\u0000b 🐎"}' })];
      await jobs.insert(bare);
      await jobs.insert(full);
      assert.deepEqual(plain(await jobs.read(bare.id)), bare);
      assert.deepEqual(plain(await jobs.read(full.id)), full);
      assert.equal(await jobs.read('nobody'), null);
    });

    scenario('changes the given fields alone, of a job that runs under this lease', async (jobs) => {
      const job = newJob();
      await jobs.insert(job);
      assert.equal(await jobs.update(job.id, job.leaseUntil + 1, { ended: 1 }), false);
      assert.equal(await jobs.update('nobody', job.leaseUntil, { ended: 1 }), false);
      assert.deepEqual(plain(await jobs.read(job.id)), job);
      assert.equal(await jobs.update(job.id, job.leaseUntil, { ended: 2, step: 's' }), true);
      assert.equal(await jobs.update(job.id, job.leaseUntil, { leaseUntil: START + 99, step: null }), true);
      assert.deepEqual(plain(await jobs.read(job.id)), { ...job, ended: 2, leaseUntil: START + 99 });
      assert.equal(await jobs.update(job.id, START + 99, { state: 'done' }), true);
      assert.equal(await jobs.update(job.id, START + 99, { state: 'failed' }), false);
      assert.deepEqual(plain(await jobs.read(job.id)), { ...job, ended: 2, leaseUntil: START + 99, state: 'done' });
    });

    scenario('lets one of many parallel takers have an abandoned one', async (jobs) => {
      const job = newJob();
      await jobs.insert(job);
      const taken = await parallel(20, (n) => jobs.update(job.id, job.leaseUntil, { leaseUntil: START + 1_000 + n }));
      assert.equal(taken.filter(Boolean).length, 1);
    });

    scenario('finds those whose lease is over', async (jobs) => {
      const dead = [newJob(), newJob({ leaseUntil: START }), newJob({ leaseUntil: START + LEASE - 1 })];
      const others = [
        newJob({ leaseUntil: START + LEASE + 1 }),
        newJob({ state: 'done' }),
        newJob({ state: 'failed' }),
      ];
      for (const job of [...dead, ...others]) await jobs.insert(job);
      assert.deepEqual(idsOf(await jobs.abandoned(START + LEASE, 10)), idsOf(dead));
      assert.equal((await jobs.abandoned(START + LEASE, 2)).length, 2);
      assert.equal((await jobs.abandoned(START - 1, 10)).length, 0);
    });

    scenario('lets old ones go in batches, but none that runs', async (jobs) => {
      for (let n = 0; n < 5; n++) await jobs.insert(newJob({ state: n % 2 ? 'done' : 'failed', startedAt: START + n }));
      const running = newJob({ startedAt: START });
      await jobs.insert(running);
      assert.equal(await jobs.expire(START + 4, 3), 3);
      assert.equal(await jobs.expire(START + 4, 3), 1);
      assert.equal(await jobs.expire(START + 4, 3), 0);
      assert.deepEqual(plain(await jobs.read(running.id)), running);
    });
  });
}
