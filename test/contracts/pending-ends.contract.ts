import assert from 'node:assert/strict';
import type { PendingEnd } from 'nest-gatehouse/auth/storage';
import { authSuite, parallel, type AuthHarnessFactory } from './auth-harness.js';
import type { TestRunner } from './harness.js';

/** What every `PendingEnds` promises. */
export function pendingEndsContract(name: string, factory: AuthHarnessFactory, runner?: TestRunner): void {
  authSuite(`${name}: PendingEnds`, factory, runner, (scenario) => {
    scenario('gives back what was begun by a time, oldest first, and no more than asked for', async ({ ends, now }) => {
      const at = now();
      const [late, early, middle] = [end('a', at + 20), end('b', at), end('c', at + 10)];
      for (const each of [late, early, middle]) await ends!.add(each);
      assert.deepEqual(plain(await ends!.begunBy(at - 1, 10)), []);
      assert.deepEqual(plain(await ends!.begunBy(at + 10, 10)), [early, middle]);
      assert.deepEqual(plain(await ends!.begunBy(at + 20, 2)), [early, middle]);
      assert.deepEqual(plain(await ends!.begunBy(at + 20, 10)), [early, middle, late]);
    });

    scenario('forgets one at a time, also of one user, and one that is not there', async ({ ends, now }) => {
      const [one, two] = [end('one', now()), end('two', now())];
      for (const each of [one, two]) await ends!.add(each);
      for (let times = 0; times < 2; times++) await ends!.remove(one.id);
      for (const id of ['', '__proto__', '{"$ne":null}', "' OR 1=1 --"]) await ends!.remove(id);
      assert.deepEqual(plain(await ends!.begunBy(now(), 10)), [two]);
    });

    scenario('keeps whatever a user is called', async ({ ends, now }) => {
      const users = ['__proto__', 'a\u0000b', '$x', 'é 🙂', ''];
      const noted = users.map((userId, n) => ({
        id: `e${n}`,
        userId,
        begunAt: now() + n,
        ...(n % 2 === 0 && { reason: 'disabled' as const }),
      }));
      await parallel(noted.length, (n) => ends!.add(noted[n]!));
      assert.deepEqual(plain(await ends!.begunBy(now() + 10, 10)), noted);
    });
  });
}

function end(id: string, begunAt: number): PendingEnd {
  return { id, userId: 'ann', begunAt };
}

/** Arrays and objects of our own: those of a native driver may have another prototype under a test runner. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
