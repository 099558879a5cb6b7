import assert from 'node:assert/strict';
import type { AttemptOutcome, FailurePolicy, WindowPolicy } from 'nest-gatehouse/auth/storage';
import { authSuite, parallel, type AuthHarness, type AuthHarnessFactory } from './auth-harness.js';
import type { TestRunner } from './harness.js';

const POLICY: FailurePolicy = { freeFailures: 3, maxDelay: 4_000, hardLimit: 7, lockout: 60_000 };
const WINDOW: WindowPolicy = { limit: 5, window: 10_000 };

/** What every `LoginAttempts` promises. */
export function loginAttemptsContract(name: string, factory: AuthHarnessFactory, runner?: TestRunner): void {
  authSuite(`${name}: LoginAttempts`, factory, runner, (scenario) => {
    scenario('knows nothing of a key that was never counted', async ({ attempts }) => {
      for (const key of ['', 'a', '__proto__', '$x', 'a.b', 'é']) {
        assert.deepEqual({ ...(await attempts.read(key)) }, { failures: 0, blockedUntil: 0 });
      }
      await attempts.takeBack('a');
      await attempts.clear(['a', 'b']);
      await attempts.clear([]);
    });

    scenario(
      'allows the free failures, then delays from one second on, doubling up to the longest',
      async (harness) => {
        const { attempts } = harness;
        for (let n = 0; n < 2; n++) assertAllowed(await attempts.countFailure('key', POLICY));
        assert.equal((await attempts.read('key')).blockedUntil, 0);
        for (const delay of [1_000, 2_000, 4_000, 4_000]) {
          assertAllowed(await attempts.countFailure('key', POLICY));
          const { blockedUntil } = await attempts.read('key');
          assertNear(blockedUntil, harness.now() + delay);
          await harness.elapse(delay + 5);
        }
      },
    );

    scenario('neither allows nor counts an attempt while the key is blocked', async (harness) => {
      const { attempts } = harness;
      for (let n = 0; n < 3; n++) await attempts.countFailure('key', POLICY);
      const { failures, blockedUntil } = await attempts.read('key');
      for (let n = 0; n < 3; n++) {
        const outcome = await attempts.countFailure('key', POLICY);
        assert.deepEqual({ ...outcome }, { allowed: false, retryAt: blockedUntil });
      }
      assert.equal((await attempts.read('key')).failures, failures);
    });

    scenario('stops the key at the hard limit', async (harness) => {
      const { attempts } = harness;
      const quick = { ...POLICY, maxDelay: 1, hardLimit: 4 };
      for (let n = 0; n < 4; n++) {
        assertAllowed(await attempts.countFailure('key', quick));
        if (n < 3) await harness.elapse(30);
      }
      assertNear((await attempts.read('key')).blockedUntil, harness.now() + POLICY.lockout);
    });

    scenario('forgets a key when it is cleared, and by itself', async (harness) => {
      const { attempts } = harness;
      const short = { ...POLICY, lockout: 100, maxDelay: 50 };
      for (let n = 0; n < 3; n++)
        for (const key of ['a', 'b', 'c']) await attempts.countFailure(key, key === 'c' ? short : POLICY);
      await attempts.clear(['a']);
      await harness.elapse(150);
      const failures = await Promise.all(['a', 'b', 'c'].map(async (key) => (await attempts.read(key)).failures));
      assert.deepEqual(failures, [0, 3, 0]);
      assertAllowed(await attempts.countFailure('c', short));
      assert.equal((await attempts.read('c')).failures, 1);
    });

    scenario('never passes the limit with 100 parallel callers', async ({ attempts }) => {
      const outcomes = await parallel(100, () => attempts.countFailure('key', POLICY));
      assert.equal(outcomes.filter(({ allowed }) => allowed).length, POLICY.freeFailures);
      assert.equal((await attempts.read('key')).failures, POLICY.freeFailures);
    });

    scenario('counts 100 parallel failures as 100', async ({ attempts }) => {
      const policy = { ...POLICY, freeFailures: 1_000, hardLimit: 1_000 };
      await parallel(100, () => attempts.countFailure('key', policy));
      assert.equal((await attempts.read('key')).failures, 100);
    });

    scenario('fills a window, and opens it again at its end', async (harness) => {
      const { attempts } = harness;
      const begun = harness.now();
      assertAllowed(await attempts.countInWindow('key', { ...WINDOW, window: 1_500 }));
      const rest = await parallel(99, () => attempts.countInWindow('key', { ...WINDOW, window: 1_500 }));
      assert.equal(rest.filter(({ allowed }) => allowed).length, WINDOW.limit - 1);
      const refused = rest.find((outcome) => !outcome.allowed) as AttemptOutcome & { allowed: false };
      assertNear(refused.retryAt, begun + 1_500);
      assert.equal((await attempts.read('key')).blockedUntil, refused.retryAt);
      await harness.elapse(1_600);
      assert.deepEqual({ ...(await attempts.read('key')) }, { failures: 0, blockedUntil: 0 });
      assertAllowed(await attempts.countInWindow('key', WINDOW));
      assert.equal((await attempts.read('key')).failures, 1);
    });

    scenario('takes back single failures of a window, which has room again', async ({ attempts }) => {
      await parallel(5, () => attempts.countInWindow('key', WINDOW));
      assert.equal((await attempts.countInWindow('key', WINDOW)).allowed, false);
      await attempts.takeBack('key');
      assert.deepEqual({ ...(await attempts.read('key')) }, { failures: 4, blockedUntil: 0 });
      assertAllowed(await attempts.countInWindow('key', WINDOW));
      await parallel(7, () => attempts.takeBack('key'));
      assert.equal((await attempts.read('key')).failures, 0);
      assertAllowed(await attempts.countInWindow('key', WINDOW));
    });

    scenario('loses none of 50 parallel pairs of a count and a taking back', async ({ attempts }) => {
      const wide = { ...WINDOW, limit: 1_000 };
      await attempts.countInWindow('key', wide);
      await parallel(50, async () => {
        await attempts.countInWindow('key', wide);
        await attempts.takeBack('key');
      });
      assert.equal((await attempts.read('key')).failures, 1);
    });

    scenario('keeps keys apart', async (harness) => {
      await fail(harness, 'a', 3);
      await fail(harness, 'A', 1);
      assert.equal((await harness.attempts.read('a')).failures, 3);
      assert.equal((await harness.attempts.read('A')).failures, 1);
    });
  });
}

async function fail({ attempts }: AuthHarness, key: string, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await attempts.countFailure(key, POLICY);
}

function assertAllowed(outcome: AttemptOutcome): void {
  assert.equal(outcome.allowed, true);
}

/** A store that counts by a server's clock is a moment late. */
function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 500, `${actual} is not near ${expected}`);
}
