import type { SessionIndex, SessionStore } from 'nest-gatehouse/session/storage';
import { median } from '../statistics.js';
import { oneDecimal, type Row } from '../table.js';
import { IDLE_TIMEOUT, userOf } from './sample-record.js';

/** As many operations wait at a time as a server has requests under way. */
const AT_ONCE = 50;
const OPERATIONS = 2_000;
const PAGE = 20;
/** So many sessions are used again and again. */
const ACTIVE = 1_000;

/** A database of a given number of sessions. */
export interface Filled {
  readonly store: SessionStore;
  readonly index: SessionIndex;
  readonly handles: string[];
}

export type Operation = (storage: Filled, number: number) => unknown;

export const OPERATION_OF: Readonly<Record<string, Operation>> = {
  read: ({ store, handles }) => store.read(anyOf(handles)),
  'read, used lately': ({ store, handles }) => store.read(handles[anyAt(handles) % ACTIVE]!),
  touch: ({ store, handles }) => {
    const now = Date.now();
    const end = now + IDLE_TIMEOUT;
    return store.update(anyOf(handles), { fields: { lastSeenAt: now, idleExpiresAt: end, expiresAt: end } });
  },
  save: ({ store, handles }, number) =>
    store.update(anyOf(handles), { data: { set: new Map([['visits', String(number)]]) }, maxDataBytes: 65_536 }),
  'list by user': ({ index, handles }) => index.find({ userId: userOf(anyAt(handles)) }, { limit: PAGE }),
  revoke: ({ store, handles }) => store.delete(handles.pop()!),
};

/** Storages by turns, so that they share the machine's good and bad moments; the first round only warms up. */
export async function compare(name: string, storages: readonly Filled[], rounds: number): Promise<Row> {
  const times = storages.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, storage] of storages.entries()) {
      const microseconds = await timeOf(OPERATION_OF[name]!, storage);
      if (round > 0) times[at]!.push(microseconds);
    }
  }
  const medians = times.map(median);
  const ratio = medians.length > 1 ? [(medians.at(-1)! / medians[0]!).toFixed(2)] : [];
  return [name, ...medians.map(oneDecimal), ...ratio];
}

async function timeOf(operation: Operation, storage: Filled): Promise<number> {
  const count = Math.min(OPERATIONS, Math.floor(storage.handles.length / 20));
  const start = performance.now();
  for (let number = 0; number < count; number += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => operation(storage, number + at)));
  }
  return ((performance.now() - start) * 1000) / (Math.ceil(count / AT_ONCE) * AT_ONCE);
}

function anyAt(handles: readonly string[]): number {
  return Math.floor(Math.random() * handles.length);
}

function anyOf(handles: readonly string[]): string {
  return handles[anyAt(handles)]!;
}
