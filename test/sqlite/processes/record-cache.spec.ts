import { setImmediate as nextTurn } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { SqliteDatabase, SqliteSessionIndex, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { aHash, newSession } from '../../support/records/sessions.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';
import { StoreProcess } from '../support/store-process.js';

/** Writes of the ledger; `CACHE_STEPS=10000` is the long form. */
const STEPS = Number(process.env['CACHE_STEPS'] ?? 300);
const STEPS_OF_A_RUN = 50;
const SLOTS = 6;
const USERS = ['ada', 'bob', null];

type Place = 'here' | 'there';
type Deed = 'replace data' | 'set label' | 'rotate' | 'delete' | 'end user' | 'raise epoch' | 'sweep';
interface Step {
  readonly place: Place;
  readonly deed: Deed;
  readonly slot: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  place: fc.constantFrom('here', 'there'),
  deed: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Deed>('replace data', 'set label', 'rotate') },
    { weight: 3, arbitrary: fc.constantFrom<Deed>('delete', 'end user', 'raise epoch', 'sweep') },
  ),
  slot: fc.nat(SLOTS - 1),
});

/** What must be in the file. */
class Ledger {
  readonly slots: SessionRecord[] = [];
  readonly #ended = new Set<string>();
  readonly #epochs = new Map<string, number>();

  make(slot: number): SessionRecord {
    const userId = USERS[slot % USERS.length]!;
    const session = newSession({ userId, userEpoch: this.#epochs.get(userId ?? '') ?? 0 });
    this.slots[slot] = session;
    return session;
  }

  change(slot: number, changes: Partial<SessionRecord>): void {
    this.slots[slot] = { ...this.slots[slot]!, ...changes };
  }

  end(which: (session: SessionRecord) => boolean): void {
    for (const session of this.slots.filter(which)) this.#ended.add(session.handle);
  }

  raise(userId: string): void {
    this.#epochs.set(userId, (this.#epochs.get(userId) ?? 0) + 1);
  }

  of(slot: number): SessionRecord | null {
    const session = this.slots[slot]!;
    return this.#ended.has(session.handle) ? null : session;
  }
}

describe('Two processes that keep sessions of one SQLite file in memory', () => {
  let directory: TemporaryDirectory;
  let database: SqliteDatabase;
  let there: StoreProcess;
  let parts: { store: SqliteSessionStore; index: SqliteSessionIndex };
  let written = 0;

  beforeAll(async () => {
    directory = temporaryDirectory();
    const file = join(directory.path, 'sessions.db');
    database = await SqliteDatabase.open({ file, writeDeadline: '20s' });
    parts = { store: new SqliteSessionStore(database), index: new SqliteSessionIndex(database) };
    there = await StoreProcess.open(file);
  });

  afterAll(async () => {
    await StoreProcess.killAll();
    await database.close();
    directory.remove();
  });

  async function call<T>(place: Place, part: 'store' | 'index', method: string, ...values: unknown[]): Promise<T> {
    if (place === 'there') return there.call<T>(part, method, ...values);
    const target = parts[part] as unknown as Record<string, (...given: unknown[]) => unknown>;
    return (await target[method]!(...values)) as T;
  }

  async function take({ place, deed, slot }: Step, ledger: Ledger): Promise<void> {
    if (ledger.of(slot) === null) {
      await call(place, 'store', 'insert', ledger.make(slot));
      return;
    }
    const session = ledger.slots[slot]!;
    const { handle, userId } = session;
    const n = ++written;
    switch (deed) {
      case 'replace data':
        ledger.change(slot, { data: `{"n":${n}}`, version: session.version + 1 });
        return void (await call(place, 'store', 'update', handle, { replacement: `{"n":${n}}` }));
      case 'set label':
        ledger.change(slot, { label: `label ${n}` });
        return void (await call(place, 'store', 'update', handle, { fields: { label: `label ${n}` } }));
      case 'rotate': {
        const rotation = { secretHash: aHash(), issuedAt: n, graceUntil: 0 };
        ledger.change(slot, { secretHash: rotation.secretHash, secretIssuedAt: n, formerSecretHash: null });
        const expectedSecretHash = session.secretHash;
        return void (await call(place, 'store', 'rotate', handle, { ...rotation, expectedSecretHash }));
      }
      case 'delete':
        ledger.end((other) => other.handle === handle);
        return void (await call(place, 'store', 'delete', handle));
      case 'end user':
        ledger.end((other) => other.userId === userId);
        return void (await call(place, 'index', 'end', { userId }, SLOTS));
      case 'raise epoch':
        if (userId === null) return;
        ledger.end((other) => other.userId === userId);
        ledger.raise(userId);
        return void (await call(place, 'index', 'raiseUserEpoch', userId));
      case 'sweep':
        return void (await call(place, 'index', 'sweep', 10));
    }
  }

  it('show in both what was confirmed in either, at once: nothing outdated, nothing ended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: STEPS_OF_A_RUN, maxLength: STEPS_OF_A_RUN }), async (steps) => {
        // Another run is another life of the users.
        await Promise.all(USERS.map((userId) => parts.index.end({ userId }, 1_000)));
        const ledger = new Ledger();
        for (const userId of USERS) {
          const epoch = userId === null ? 0 : await parts.index.userEpoch(userId);
          for (let n = 0; n < epoch; n++) ledger.raise(userId!);
        }
        for (let slot = 0; slot < SLOTS; slot++) await parts.store.insert(ledger.make(slot));
        for (const [at, current] of steps.entries()) {
          await take(current, ledger);
          const slots = [current.slot, at % SLOTS, (current.slot + USERS.length) % SLOTS];
          const read = (place: Place) =>
            Promise.all(slots.map((slot) => call(place, 'store', 'read', ledger.slots[slot]!.handle)));
          const [here, elsewhere] = await Promise.all([read('here'), read('there')]);
          const expected = slots.map((slot) => ledger.of(slot));
          expect({ here, there: elsewhere, at, current }).toEqual({ here: expected, there: expected, at, current });
        }
      }),
      { numRuns: Math.ceil(STEPS / STEPS_OF_A_RUN) },
    );
  });

  it('never go back while both write, and never revive what has ended', async () => {
    for (let round = 0; round < Math.ceil(STEPS / 100); round++) {
      const { handle, version } = newSession();
      await parts.store.insert(newSession({ handle }));
      const increment = () => parts.store.update(handle, { data: { increment: new Map([['n', 1]]) } });
      const { seen, stop } = watch(handle);
      try {
        const changing = there.change(handle, 20, 5);
        for (let n = 0; n < 20; n++) await increment();
        await changing;
        expect(await parts.store.read(handle)).toMatchObject({ version: version + 40 });

        const late = Promise.all(Array.from({ length: 20 }, () => nextTurn().then(increment)));
        await there.call('store', 'delete', handle);
        expect(await parts.store.read(handle)).toBeNull();
        expect((await increment()).status).toBe('gone');
        await late;
      } finally {
        await stop();
      }
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(await parts.store.read(handle)).toBeNull();
    }
  });

  /** Reads the session again and again. Its versions; that of a session that has ended is infinite. */
  function watch(handle: string) {
    const seen: number[] = [];
    let isWatching = true;
    const look = async () => {
      for (; isWatching; await nextTurn()) seen.push((await parts.store.read(handle))?.version ?? Infinity);
    };
    const watching = look();
    return {
      seen,
      async stop() {
        isWatching = false;
        await watching;
      },
    };
  }
});
