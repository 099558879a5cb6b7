import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { FaultProxy, RESTARTS } from './support/fault-proxy.js';
import { LogicalCalls } from './support/logical-calls.js';
import { startRestartable, Truth, type RestartableService } from './support/service.js';

/** Schedules of all properties together; `RESTART_SCHEDULES=1000` is the long form. */
const SCHEDULES = Number(process.env['RESTART_SCHEDULES'] ?? 40);
const RETRIES = 3;

let service: RestartableService;
let proxy: FaultProxy;
let calls: LogicalCalls;

beforeAll(async () => {
  service = await startRestartable();
  proxy = await FaultProxy.before(service);
  // An attempt waits while the server starts, however busy the machine is.
  calls = new LogicalCalls(service, new Truth(service), proxy, { timeout: 20_000, retries: RETRIES });
});

afterAll(async () => {
  await proxy.close();
  await service.close();
});

beforeEach(() => void jest.spyOn(Math, 'random').mockReturnValue(0));

const fault = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...RESTARTS) },
  { weight: 3, arbitrary: fc.constantFrom('cutBefore' as const, 'cutAfter' as const, 'halfAfter' as const) },
  { weight: 2, arbitrary: fc.constantFrom('lateBefore' as const, 'lateAfter' as const) },
  { weight: 1, arbitrary: fc.constant('none' as const) },
);
const schedule = fc.array(fault, { minLength: 1, maxLength: RETRIES + 1 });
const runs = { numRuns: Math.ceil(SCHEDULES / 4) };

describe('Whenever the server is stopped and started again, and attempts are cut or late, a call', () => {
  it('makes one session, or is reported as failed and has made one at most', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, (faults) => calls.creates(faults)),
      { ...runs, examples: [[['restartAfter']], [['restartDuring']], [['restartBefore']]] },
    );
  });

  it('increments once, or is reported as failed and has incremented once at most', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, schedule, (one, other) => calls.increments([one, other])),
      { ...runs, examples: [[['restartAfter'], ['restartDuring']]] },
    );
  });

  it('updates with ifMatch once, or is reported as failed, and never hides what somebody else has written', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, fc.boolean(), (faults, isRaced) => calls.updates(faults, isRaced)),
      { ...runs, examples: [[['restartAfter'], false]] },
    );
  });

  it('ends a session, or is reported as failed, and knows whether it was there', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, (faults) => calls.ends(faults)),
      { ...runs, examples: [[['restartAfter']]] },
    );
    expect(service.restarts).toBeGreaterThan(SCHEDULES / 4);
  });
});
