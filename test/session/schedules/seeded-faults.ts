import { type SessionRecord, type SessionStore, toSummary, updateRecord } from 'nest-gatehouse/session/storage';
import type { Fault } from './instances.js';

/** Stores that break one promise each. The scheduled tests must find every one of them. */
export const SEEDED_FAULTS: Readonly<Record<string, Fault>> = {
  'a save revives an ended session': ({ store }) => {
    const seen = new Map<string, SessionRecord>();
    const { insert, read, update } = bound(store);
    store.read = async (handle) => {
      const record = await read(handle);
      if (record) seen.set(handle, record);
      return record;
    };
    store.update = async (handle, changes) => {
      const outcome = await update(handle, changes);
      const last = seen.get(handle);
      if (outcome.status !== 'gone' || !last) return outcome;
      const { outcome: revived, record } = updateRecord(last, changes);
      if (record) await insert(record);
      return revived;
    };
  },
  'an end does not remove the session': ({ store }) => {
    const { read } = bound(store);
    store.delete = async (handle) => (await read(handle)) !== null;
  },
  'an end is told to everyone who asks for it': ({ store }) => {
    const { delete: remove } = bound(store);
    store.delete = async (handle) => (await remove(handle)) || true;
  },
  'a save writes all that its request has read': ({ store }) => {
    const { update } = bound(store);
    store.update = (handle, { whole, ...changes }) =>
      update(handle, whole ? { ...changes, replacement: whole.data } : changes);
  },
  'an increment reads, and then writes': ({ store }, turns) => {
    const { read, update } = bound(store);
    store.update = async (handle, changes) => {
      const { increment, ...data } = changes.data ?? {};
      const record = increment?.size ? await read(handle) : null;
      if (!record) return update(handle, changes);
      const values = JSON.parse(record.data) as Record<string, number>;
      await turns.take('write the sum');
      const sums = [...increment!].map(([key, by]) => [key, String((values[key] ?? 0) + by)] as const);
      return update(handle, { ...changes, data: { ...data, set: new Map([...(data.set ?? []), ...sums]) } });
    };
  },
  'a renewal does not look at the secret that it replaces': ({ store }) => {
    const { read, rotate } = bound(store);
    store.rotate = async (handle, rotation) => {
      const record = await read(handle);
      return rotate(handle, { ...rotation, expectedSecretHash: record?.secretHash ?? rotation.expectedSecretHash });
    };
  },
  'the former secret stays good': ({ store }) => {
    const { rotate } = bound(store);
    store.rotate = (handle, rotation) => rotate(handle, { ...rotation, graceUntil: Number.MAX_SAFE_INTEGER });
  },
  'an epoch revokes nothing': ({ store }) => {
    const { insert } = bound(store);
    store.insert = (record) => insert({ ...record, userEpoch: Number.MAX_SAFE_INTEGER });
  },
  'a save under a lock has no fence': ({ store }) => {
    const { update } = bound(store);
    store.update = (handle, { fence: _, ...changes }) => update(handle, changes);
  },
  'a lock is granted to everyone': ({ locks }) => {
    let fence = 0;
    locks.acquire = (key) => ({ key, owner: String(++fence), fence, expiresAt: Number.MAX_SAFE_INTEGER });
  },
  'a sweep removes what was used since its idle end was noted': ({ store, index }, _, clock) => {
    const ends = new Map<string, number>();
    const { insert, read, delete: remove } = bound(store);
    const sweep = index.sweep.bind(index);
    store.insert = (record) => {
      ends.set(record.handle, record.expiresAt);
      return insert(record);
    };
    index.sweep = async (limit) => {
      const ended = [...(await sweep(limit))];
      for (const [handle, end] of ends) {
        const record = end <= clock.now() ? await read(handle) : null;
        if (record && (await remove(handle))) ended.push(toSummary(record));
      }
      return ended;
    };
  },
};

/** The methods of a store as they are now. */
function bound(store: SessionStore): Pick<SessionStore, 'insert' | 'read' | 'update' | 'rotate' | 'delete'> {
  const { insert, read, update, rotate, delete: remove } = store;
  return {
    insert: insert.bind(store),
    read: read.bind(store),
    update: update.bind(store),
    rotate: rotate.bind(store),
    delete: remove.bind(store),
  };
}
