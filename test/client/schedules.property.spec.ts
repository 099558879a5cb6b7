import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { NetworkError, Session } from 'nest-gatehouse/client';
import { type Fault, FaultProxy, FAULTS } from './support/fault-proxy.js';
import { LogicalCalls } from './support/logical-calls.js';
import { startService, Truth, type Service } from './support/service.js';

/** Schedules of all properties together; `CALL_SCHEDULES=2000` is the long form. */
const SCHEDULES = Number(process.env['CALL_SCHEDULES'] ?? 200);
const TIMEOUT = 300;
const RETRIES = 2;
const SILENT: Fault[] = ['silentBefore', 'silentAfter'];

let service: Service;
let proxy: FaultProxy;
let calls: LogicalCalls;

beforeAll(async () => {
  service = await startService();
  proxy = await FaultProxy.before(service);
  calls = new LogicalCalls(service, new Truth(service), proxy, { timeout: TIMEOUT, retries: RETRIES });
});

afterAll(async () => {
  await proxy.close();
  await service.close();
});

beforeEach(() => void jest.spyOn(Math, 'random').mockReturnValue(0));
afterEach(() => void (proxy.script = []));

const quickFault = fc.constantFrom(...FAULTS.filter((fault) => !SILENT.includes(fault)));
/** Rare, because it takes the whole timeout. */
const silence = fc.constantFrom(...SILENT);

/** What happens to the attempts of one call. */
const scheduleOf = (fault: fc.Arbitrary<Fault>) => fc.array(fault, { maxLength: RETRIES + 2 });
const schedule = scheduleOf(fc.oneof({ weight: 30, arbitrary: quickFault }, { weight: 1, arbitrary: silence }));
const runs = { numRuns: Math.ceil(SCHEDULES / 5) };

describe('Whatever happens to its attempts, a call', () => {
  it('makes one session, or is reported as failed and has made one at most', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, (faults) => calls.creates(faults)),
      runs,
    );
  });

  it('increments once, or is reported as failed and has incremented once at most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(schedule, { minLength: 1, maxLength: 3 }), (each) => calls.increments(each)),
      runs,
    );
  });

  it('updates with ifMatch once, or is reported as failed, and never hides what somebody else has written', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, fc.boolean(), (faults, isRaced) => calls.updates(faults, isRaced)),
      { ...runs, examples: [[['cutAfter'], false]] },
    );
  });

  it('ends a session, or is reported as failed, and knows whether it was there', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, (faults) => calls.ends(faults)),
      runs,
    );
  });

  it('makes no more attempts than it may, and none after a success', async () => {
    await fc.assert(
      fc.asyncProperty(scheduleOf(quickFault), async (faults) => {
        const session = await calls.begin();
        proxy.seen.length = 0;
        // Attempts are counted, so none may be lost because the machine is busy.
        const patient = calls.options({ timeout: 60_000, deadline: 90_000 });
        const failed = await calls.run(faults, () => Session.open(session.user, session.session_id, patient));
        const isAnswer = (fault: Fault) => ['none', 'pageAfter', 'brokenAfter'].includes(fault as string);
        const answered = [...faults, 'none' as const].findIndex(isAnswer);
        expect(proxy.seen).toHaveLength(Math.min(answered, RETRIES) + 1);
        expect(failed === undefined).toBe(answered <= RETRIES && [...faults, 'none'][answered] === 'none');
        if (failed instanceof NetworkError) expect(failed.status).toBeUndefined();
      }),
      runs,
    );
  });
});
