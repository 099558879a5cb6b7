import assert from 'node:assert/strict';
import { SessionExistsError } from 'nest-gatehouse/session/storage';
import { newRecord, shortRecord, stored, suite, type StorageHarnessFactory, type TestRunner } from './harness.js';
import { sessionUpdateContract } from './session-update.contract.js';

/** What every `SessionStore` promises. */
export function sessionStoreContract(name: string, factory: StorageHarnessFactory, runner?: TestRunner): void {
  sessionUpdateContract(name, factory, runner);
  suite(`${name}: SessionStore`, factory, runner, (scenario) => {
    scenario('reads what was inserted, field by field', async (harness) => {
      const { store } = harness;
      const now = harness.now();
      const record = await stored(harness, {
        formerSecretHash: 'f'.repeat(43),
        formerSecretUntil: now + 30_000,
        userId: 'Zoë 🙂',
        username: 'zoë\u0000 🙂',
        countedDay: 20_000,
        userEpoch: 0,
        authTime: now - 5,
        amr: ['pwd', 'otp'],
        aal: 2,
        data: '{"a":{"b":[1,"é\\u0000",null]}}',
        schemaVersion: 3,
        version: 1,
        persistent: true,
        ip: '2001:db8::1',
        userAgent: 'agent "x" \\ <b>',
        label: 'at home',
      });
      assert.deepEqual({ ...(await store.read(record.handle)) }, record);
    });

    scenario('knows nothing of a handle that was never inserted', async ({ store }) => {
      assert.equal(await store.read('n'.repeat(22)), null);
      assert.deepEqual(await store.update('n'.repeat(22), { fields: { label: 'x' } }), { status: 'gone' });
      assert.equal(await store.delete('n'.repeat(22)), false);
      assert.equal(await store.read('n'.repeat(22)), null, 'nothing is upserted');
    });

    scenario('refuses to insert a handle twice, and keeps the first', async (harness) => {
      const { store } = harness;
      const record = await stored(harness, { data: '{"first":true}' });
      const second = newRecord(harness, { handle: record.handle, data: '{"first":false}' });
      await assert.rejects(async () => store.insert(second), SessionExistsError);
      assert.equal((await store.read(record.handle))?.data, '{"first":true}');
    });

    scenario('lets exactly one of many inserts of a handle win', async (harness) => {
      const { store } = harness;
      const { handle } = newRecord(harness);
      const inserts = Array.from({ length: 20 }, async () => store.insert(newRecord(harness, { handle })));
      const others = Array.from({ length: 20 }, async () => stored(harness));
      const results = await Promise.allSettled(inserts);
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const other of await Promise.all(others)) assert.ok(await store.read(other.handle), 'others are not harmed');
    });

    scenario('shares no object with its callers', async (harness) => {
      const { store } = harness;
      const given = { ...newRecord(harness, { data: '{"n":1}' }), amr: ['pwd'] };
      const expected = { ...given, amr: [...given.amr] };
      const insertion = store.insert(given);
      given.data = '{"n":2}';
      given.amr.push('otp');
      await insertion;
      const read = await store.read(given.handle);
      assert.deepEqual({ ...read }, expected);
      tryTo(() => Object.assign(read!, { data: '{"n":3}', userId: 'mallory' }));
      tryTo(() => (read!.amr as string[]).push('otp'));
      assert.deepEqual({ ...(await store.read(given.handle)) }, expected);

      const set = new Map([['n', '4']]);
      const amr = ['pwd'];
      const update = Promise.resolve(store.update(given.handle, { data: { set }, fields: { amr } }));
      set.set('n', '5').set('m', '6');
      amr.push('otp');
      await update;
      const changed = await store.read(given.handle);
      assert.equal(changed?.data, '{"n":4}');
      assert.deepEqual([...changed.amr], ['pwd']);
    });

    scenario('treats a session as gone in every method from the moment it expires, swept or not', async (harness) => {
      const { store } = harness;
      const record = shortRecord(harness, 60);
      await store.insert(record);
      await harness.elapse(80);
      assert.equal(await store.read(record.handle), null);
      const later = harness.now() + 60_000;
      const revive = { lastSeenAt: harness.now(), idleExpiresAt: later, expiresAt: later };
      assert.deepEqual(await store.update(record.handle, { fields: revive }), { status: 'gone' });
      const rotation = {
        expectedSecretHash: record.secretHash,
        secretHash: 'n'.repeat(43),
        issuedAt: 1,
        graceUntil: 0,
      };
      assert.equal(await store.rotate(record.handle, { ...rotation, fields: revive }), 'gone');
      assert.equal(await store.delete(record.handle), false);
      assert.equal(await store.read(record.handle), null);
    });

    scenario("treats a session as gone in every method once its user's epoch is higher", async (harness) => {
      const { store, index } = harness;
      const old = await stored(harness, { userId: 'ann', userEpoch: 0 });
      const other = await stored(harness, { userId: 'bob' });
      const anonymous = await stored(harness);
      assert.equal(await index.raiseUserEpoch('ann'), 1);
      const fresh = await stored(harness, { userId: 'ann', userEpoch: 1 });
      assert.equal(await store.read(old.handle), null);
      assert.deepEqual(await store.update(old.handle, { fields: { userEpoch: 1 } }), { status: 'gone' });
      const rotation = { expectedSecretHash: old.secretHash, secretHash: 'n'.repeat(43), issuedAt: 1, graceUntil: 0 };
      assert.equal(await store.rotate(old.handle, { ...rotation, fields: { userEpoch: 1 } }), 'gone');
      assert.equal(await store.delete(old.handle), false);
      for (const { handle } of [other, anonymous, fresh]) assert.ok(await store.read(handle));
    });

    scenario('ends a session once, whoever asks', async (harness) => {
      const { store } = harness;
      const record = await stored(harness);
      const answers = await Promise.all(Array.from({ length: 10 }, async () => store.delete(record.handle)));
      assert.equal(answers.filter(Boolean).length, 1);
      assert.equal(await store.read(record.handle), null);
    });

    scenario('never revives an ended session by a late save (200 interleavings)', async (harness) => {
      const { store } = harness;
      for (let round = 0; round < 200; round++) {
        const record = await stored(harness);
        const save = { data: { set: new Map([['late', `${round}`]]) } };
        const [first, ended] = await Promise.all(
          round % 2 === 0
            ? [store.update(record.handle, save), store.delete(record.handle)]
            : [Promise.resolve(store.delete(record.handle)).then(() => store.update(record.handle, save)), true],
        );
        if (round % 2 === 1) assert.deepEqual(first, { status: 'gone' });
        assert.equal(ended, true);
        assert.deepEqual(await store.update(record.handle, save), { status: 'gone' });
        assert.equal(await store.read(record.handle), null);
      }
    });

    scenario('rotates the secret, with a grace for the former one', async (harness) => {
      const { store } = harness;
      const record = await stored(harness, { data: '{"kept":1}' });
      const graceUntil = harness.now() + 30_000;
      const rotation = {
        expectedSecretHash: record.secretHash,
        secretHash: 'n'.repeat(43),
        issuedAt: harness.now(),
        graceUntil,
      };
      assert.equal(await store.rotate(record.handle, { ...rotation, fields: { label: 'renamed' } }), 'rotated');
      assert.deepEqual(
        { ...(await store.read(record.handle)) },
        {
          ...record,
          secretHash: rotation.secretHash,
          formerSecretHash: record.secretHash,
          formerSecretUntil: graceUntil,
          secretIssuedAt: rotation.issuedAt,
          label: 'renamed',
        },
      );
    });

    scenario('rotates without a grace, and then ends an older one', async (harness) => {
      const { store } = harness;
      const record = await stored(harness, {
        formerSecretHash: 'o'.repeat(43),
        formerSecretUntil: harness.now() + 30_000,
      });
      const rotation = {
        expectedSecretHash: record.secretHash,
        secretHash: 'n'.repeat(43),
        issuedAt: 7,
        graceUntil: 0,
      };
      assert.equal(await store.rotate(record.handle, rotation), 'rotated');
      const read = await store.read(record.handle);
      assert.equal(read?.formerSecretHash, null);
      assert.equal(read?.formerSecretUntil, 0);
    });

    scenario('lets one of two rotations win; the other is stale and changes nothing', async (harness) => {
      const { store } = harness;
      const record = await stored(harness);
      const rotate = async (secretHash: string) =>
        store.rotate(record.handle, {
          expectedSecretHash: record.secretHash,
          secretHash,
          issuedAt: harness.now(),
          graceUntil: 0,
          fields: { label: secretHash },
        });
      const hashes = ['a'.repeat(43), 'b'.repeat(43)] as const;
      const outcomes = await Promise.all(hashes.map(rotate));
      assert.deepEqual([...outcomes].sort(), ['rotated', 'stale']);
      const winner = hashes[outcomes.indexOf('rotated')];
      const read = await store.read(record.handle);
      assert.equal(read?.secretHash, winner);
      assert.equal(read?.label, winner);
    });
  });
}

/** What callers do with what they were given is refused or ignored; both are right. */
function tryTo(change: () => void): void {
  try {
    change();
  } catch {
    // Frozen.
  }
}
