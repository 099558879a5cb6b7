import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ClaimOutcome, IdempotencyClaim, IdempotencyCompletion } from 'nest-gatehouse/sessman/storage';
import { parallel } from './auth-harness.js';
import type { TestRunner } from './harness.js';
import { sessmanSuite, type SessmanHarness, type SessmanHarnessFactory } from './sessman-harness.js';

const LEASE = 30_000;
const DAY = 86_400_000;

function newClaim({ now }: SessmanHarness, changes: Partial<IdempotencyClaim> = {}): IdempotencyClaim {
  const at = changes.now ?? now();
  return {
    keyId: 'k1',
    key: 'order-1',
    fingerprint: 'f1',
    owner: randomUUID(),
    now: at,
    leaseUntil: at + LEASE,
    expiresAt: at + DAY,
    ...changes,
  };
}

/** What every `IdempotencyStore` promises. */
export function idempotencyStoreContract(name: string, factory: SessmanHarnessFactory, runner?: TestRunner): void {
  sessmanSuite(`${name}: IdempotencyStore`, factory, runner, (scenario) => {
    scenario('lets a request be carried out once, and repeats its answer', async (harness) => {
      const { idempotency } = harness;
      const claim = newClaim(harness);
      assert.deepEqual(await claimed(harness, claim), { status: 'claimed' });
      const again = newClaim(harness);
      assert.deepEqual(await claimed(harness, again), { status: 'running', leaseUntil: claim.leaseUntil });
      assert.equal(await idempotency.complete(answerTo(claim, '{"a":"é 🐎\\u0000"}')), true);
      for (const owner of [claim.owner, again.owner]) {
        const outcome = await claimed(harness, newClaim(harness, { owner }));
        assert.deepEqual(outcome, { status: 'done', answer: '{"a":"é 🐎\\u0000"}' });
      }
    });

    scenario('claims once of 100 times at once', async (harness) => {
      const outcomes = await parallel(100, () => claimed(harness, newClaim(harness)));
      assert.equal(outcomes.filter(({ status }) => status === 'claimed').length, 1);
      assert.equal(outcomes.filter(({ status }) => status === 'running').length, 99);
    });

    scenario('refuses another request with the same key, done or still running', async (harness) => {
      const claim = newClaim(harness);
      await claimed(harness, claim);
      const other = newClaim(harness, { fingerprint: 'f2' });
      assert.deepEqual(await claimed(harness, other), { status: 'reused' });
      await harness.idempotency.complete(answerTo(claim));
      assert.deepEqual(await claimed(harness, other), { status: 'reused' });
      assert.deepEqual(await claimed(harness, newClaim(harness)), { status: 'done', answer: 'answer' });
    });

    scenario('keeps the keys of one API key from those of another, whatever they are', async (harness) => {
      const names = ['', 'a', 'b', 'a\u0000', 'a"', '["a","b"]', '__proto__', '$x', 'é', 'x'.repeat(255)];
      for (const keyId of ['a', 'b', '']) {
        for (const key of names) {
          assert.equal((await claimed(harness, newClaim(harness, { keyId, key }))).status, 'claimed');
        }
      }
      assert.equal((await claimed(harness, newClaim(harness, { keyId: 'a', key: 'a\u0000' }))).status, 'running');
    });

    scenario('gives the key of a dead attempt to one of the next, for any request', async (harness) => {
      const dead = newClaim(harness);
      await claimed(harness, dead);
      const at = dead.leaseUntil;
      const before = newClaim(harness, { now: at - 1 });
      assert.deepEqual(await claimed(harness, before), { status: 'running', leaseUntil: at });
      const next = Array.from({ length: 20 }, () => newClaim(harness, { now: at, fingerprint: 'f2' }));
      const outcomes = await parallel(20, (n) => claimed(harness, next[n]!));
      assert.equal(outcomes.filter(({ status }) => status === 'claimed').length, 1);
      assert.equal(outcomes.filter(({ status }) => status === 'running').length, 19);
      // The first attempt was slow, not dead: it may not answer for the one that has the key now.
      assert.equal(await harness.idempotency.complete(answerTo(dead, 'late')), false);
      await harness.idempotency.release(dead);
      const winner = next[outcomes.findIndex(({ status }) => status === 'claimed')]!;
      assert.equal(await harness.idempotency.complete(answerTo(winner, 'second')), true);
      const outcome = await claimed(harness, newClaim(harness, { now: at, fingerprint: 'f2' }));
      assert.deepEqual(outcome, { status: 'done', answer: 'second' });
    });

    scenario('lets a slow attempt answer as long as nobody else has claimed its key', async (harness) => {
      const slow = newClaim(harness, { leaseUntil: harness.now() - 1 });
      await claimed(harness, slow);
      assert.equal(await harness.idempotency.complete(answerTo(slow)), true);
      assert.equal((await claimed(harness, newClaim(harness))).status, 'done');
    });

    scenario('keeps the first answer', async (harness) => {
      const claim = newClaim(harness);
      await claimed(harness, claim);
      const kept = await parallel(20, (n) => harness.idempotency.complete(answerTo(claim, `answer ${n}`)));
      assert.equal(kept.filter((each) => each).length, 1);
      const outcome = await claimed(harness, newClaim(harness));
      assert.deepEqual(outcome, { status: 'done', answer: `answer ${kept.indexOf(true)}` });
      await harness.idempotency.release(claim);
      assert.deepEqual(await claimed(harness, newClaim(harness)), outcome);
    });

    scenario('answers only for the attempt that has the claim', async (harness) => {
      const { idempotency } = harness;
      const claim = newClaim(harness);
      assert.equal(await idempotency.complete(answerTo(claim)), false);
      assert.equal((await claimed(harness, claim)).status, 'claimed');
      for (const changes of [{ owner: 'other' }, { key: 'order-2' }, { keyId: 'k2' }]) {
        assert.equal(await idempotency.complete(answerTo({ ...claim, ...changes })), false);
        await idempotency.release({ ...claim, ...changes });
      }
      assert.equal((await claimed(harness, newClaim(harness))).status, 'running');
    });

    scenario('forgets a claim that is released, so that any request may have the key', async (harness) => {
      const claim = newClaim(harness);
      await claimed(harness, claim);
      await harness.idempotency.release(claim);
      assert.deepEqual(await claimed(harness, newClaim(harness, { fingerprint: 'f2' })), { status: 'claimed' });
    });

    scenario('treats an expired record as absent, answer and all', async (harness) => {
      const claim = newClaim(harness);
      await claimed(harness, claim);
      const expiresAt = harness.now() + 100;
      await harness.idempotency.complete({ ...answerTo(claim), expiresAt });
      assert.equal((await claimed(harness, newClaim(harness, { now: expiresAt - 1 }))).status, 'done');
      const next = newClaim(harness, { now: expiresAt, fingerprint: 'f2' });
      assert.deepEqual(await claimed(harness, next), { status: 'claimed' });
      const running = await claimed(harness, newClaim(harness, { now: expiresAt, fingerprint: 'f2' }));
      assert.deepEqual(running, { status: 'running', leaseUntil: next.leaseUntil });
    });

    scenario('sweeps what has expired, and at most so many at once', async (harness) => {
      const { idempotency } = harness;
      const at = harness.now();
      const made = [1, 2, 3, 4, 5].map((after) => newClaim(harness, { key: `n${after}`, expiresAt: at + after }));
      for (const claim of made) await claimed(harness, claim);
      await idempotency.complete({ ...answerTo(made[0]!), expiresAt: at + 1 });
      assert.equal(await idempotency.sweep(at, 10), 0);
      assert.equal(await idempotency.sweep(at + 3, 2), 2);
      assert.equal(await idempotency.sweep(at + 3, 2), 1);
      assert.equal(await idempotency.sweep(at + 3, 2), 0);
      const left = await Promise.all(made.map((claim) => claimed(harness, { ...claim, owner: 'next', now: at })));
      assert.deepEqual(
        left.map(({ status }) => status),
        ['claimed', 'claimed', 'claimed', 'running', 'running'],
      );
    });
  });
}

/** An object of our own: that of a native driver may have another prototype under a test runner. */
async function claimed({ idempotency }: SessmanHarness, claim: IdempotencyClaim): Promise<ClaimOutcome> {
  return { ...(await idempotency.claim(claim)) };
}

function answerTo({ keyId, key, owner, expiresAt }: IdempotencyClaim, answer = 'answer'): IdempotencyCompletion {
  return { keyId, key, owner, answer, expiresAt };
}
