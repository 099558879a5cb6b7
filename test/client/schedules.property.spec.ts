import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { NetworkError, Session, SessmanError } from 'nest-gatehouse/client';
import { type Fault, FaultProxy, FAULTS } from './support/fault-proxy.js';
import { startService, Truth, type Service } from './support/service.js';

interface Values {
  n: number;
  text: string;
}

const TIMEOUT = 300;
const RETRIES = 2;
const SILENT: Fault[] = ['silentBefore', 'silentAfter'];

let service: Service;
let truth: Truth;
let proxy: FaultProxy;
let users = 0;

beforeAll(async () => {
  service = await startService();
  truth = new Truth(service);
  proxy = await FaultProxy.before(service);
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

/** Runs a call with these faults. @returns its error if it was reported as failed */
async function run(faults: readonly Fault[], call: () => Promise<unknown>): Promise<SessmanError | undefined> {
  proxy.script = [...faults];
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!(error instanceof SessmanError)) throw error;
    return error;
  } finally {
    proxy.script = [];
  }
}

const options = (more: object = {}) => ({
  base_url: proxy.url,
  auth: service.auth,
  timeout: TIMEOUT,
  retries: RETRIES,
  ...more,
});
const begin = () => Session.create<Values>(`user ${++users}`, options({ data: { n: 0, text: '' } }));

describe('Whatever happens to its attempts, a call', () => {
  it('makes one session, or is reported as failed and has made one at most', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (faults) => {
        const user = `user ${++users}`;
        const failed = await run(faults, () => Session.create(user, options({ data: { n: 1 } })));
        const made = await truth.sessions(user);
        expect(made.length).toBeLessThanOrEqual(1);
        if (!failed) expect(made).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });

  it('increments once, or is reported as failed and has incremented once at most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(schedule, { minLength: 1, maxLength: 3 }), async (calls) => {
        const session = await begin();
        let [least, most] = [0, 0];
        for (const [at, faults] of calls.entries()) {
          const by = 4 ** at;
          let sum = Number.NaN;
          const failed = await run(faults, async () => void (sum = await session.increment('n', by)));
          most += by;
          if (!failed) least += by;
          const { data } = (await truth.session(session.session_id))!;
          expect(data['n']).toBeGreaterThanOrEqual(least);
          expect(data['n']).toBeLessThanOrEqual(most);
          if (!failed) expect(sum).toBe(data['n']);
          // Each call has its own digit to the base of 4: more than 1 of it is one too many.
          expect(Math.floor((data['n'] as number) / by) % 4).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('updates with ifMatch once, or is reported as failed, and never hides what somebody else has written', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, fc.boolean(), async (faults, isRaced) => {
        const { user, session_id } = await begin();
        const session = await Session.open<Values>(user, session_id, options({ ifMatch: true }));
        if (isRaced) await truth.change(session_id, { n: 0, text: 'theirs' });
        session.data.text = 'mine';
        const failed = await run(faults, () => session.updateSession());
        const { data, version } = (await truth.session(session_id))!;
        if (isRaced) expect([failed !== undefined, data['text'], version]).toEqual([true, 'theirs', 2]);
        else if (!failed) expect([data['text'], version, session.version]).toEqual(['mine', 2, 2]);
        else expect(version).toBeLessThanOrEqual(2);
      }),
      { numRuns: 100, examples: [[['cutAfter'], false]] },
    );
  });

  it('ends a session, or is reported as failed, and knows whether it was there', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (faults) => {
        const { user, session_id } = await begin();
        const session = await Session.open(user, session_id, options());
        const failed = await run(faults, () => session.end());
        const isThere = (await truth.session(session_id)) !== undefined;
        if (!failed) expect(isThere).toBe(false);
        else if (isThere === false) expect(failed.code).not.toBe('session_not_found');
      }),
      { numRuns: 100 },
    );
  });

  it('makes no more attempts than it may, and none after a success', async () => {
    await fc.assert(
      fc.asyncProperty(scheduleOf(quickFault), async (faults) => {
        const session = await begin();
        proxy.seen.length = 0;
        // Attempts are counted, so none may be lost because the machine is busy.
        const reader = () =>
          Session.open(session.user, session.session_id, options({ timeout: 60_000, deadline: 90_000 }));
        const failed = await run(faults, reader);
        const isAnswer = (fault: Fault) => ['none', 'pageAfter', 'brokenAfter'].includes(fault as string);
        const answered = [...faults, 'none' as const].findIndex(isAnswer);
        expect(proxy.seen).toHaveLength(Math.min(answered, RETRIES) + 1);
        expect(failed === undefined).toBe(answered <= RETRIES && [...faults, 'none'][answered] === 'none');
        if (failed instanceof NetworkError) expect(failed.status).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});
