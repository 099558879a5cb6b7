import { describe, expect, it } from '@jest/globals';
import session from 'express-session';
import { SessionExistsError } from 'nest-gatehouse/session/storage';
import { ExpressSessionStoreAdapter, sessionAt, type ExpressSessionStore } from 'nest-gatehouse/testing';

const NOW = Date.now();
const increment = { data: { increment: new Map([['n', 1]]) } };

function adapterOf(changes: Partial<ExpressSessionStore> = {}): ExpressSessionStoreAdapter {
  return new ExpressSessionStoreAdapter(Object.assign(new session.MemoryStore(), changes));
}

describe('ExpressSessionStoreAdapter', () => {
  it('reads what it wrote, changes it, and ends it, in a store of express-session', async () => {
    const memory = new session.MemoryStore();
    const store = new ExpressSessionStoreAdapter(memory);
    const record = sessionAt(NOW, { data: '{"n":1,"__proto__":{"a":1}}', amr: ['pwd'], userId: 'ann' });
    await store.insert(record);
    expect({ ...(await store.read(record.handle)) }).toEqual(record);
    await expect(store.insert(record)).rejects.toThrow(SessionExistsError);
    expect(await store.update(record.handle, increment)).toMatchObject({ status: 'updated', version: 2 });
    const stored = await new Promise((resolve) => memory.get(record.handle, (_error, found) => resolve(found)));
    expect(stored).toMatchObject({ cookie: { expires: new Date(record.expiresAt).toISOString() }, values: { n: 2 } });
    const rotation = {
      expectedSecretHash: record.secretHash,
      secretHash: 's'.repeat(43),
      issuedAt: NOW,
      graceUntil: 0,
    };
    expect(await store.rotate(record.handle, rotation)).toBe('rotated');
    expect(await store.rotate(record.handle, rotation)).toBe('stale');
    expect([await store.delete(record.handle), await store.delete(record.handle)]).toEqual([true, false]);
    expect(await store.read(record.handle)).toBeNull();
    expect(await store.update(record.handle, increment)).toEqual({ status: 'gone' });
    expect(await store.rotate(record.handle, rotation)).toBe('gone');
  });

  it('shows that the interface loses updates and revives ended sessions', async () => {
    const memory = new session.MemoryStore();
    const store = new ExpressSessionStoreAdapter(memory);
    const record = sessionAt(NOW, { data: '{"n":0}' });
    await store.insert(record);
    await Promise.all(Array.from({ length: 10 }, () => store.update(record.handle, increment)));
    expect((await store.read(record.handle))!.data).toBe('{"n":1}');
    const late = store.update(record.handle, increment);
    await store.delete(record.handle);
    await late;
    expect(await store.read(record.handle)).not.toBeNull();
  });

  it('takes a missing file for a missing session, and nothing else', async () => {
    const missing = Object.assign(new Error('no file'), { code: 'ENOENT' });
    expect(await adapterOf({ get: (_sid, answer) => answer(missing) }).read('x')).toBeNull();
    await expect(adapterOf({ get: (_sid, answer) => answer(new Error('down')) }).read('x')).rejects.toThrow('down');
    await expect(adapterOf({ get: (_sid, answer) => answer('down') }).read('x')).rejects.toThrow('down');
    const refusing = adapterOf({ set: (_sid, _session, answer) => answer(new Error('full')) });
    await expect(refusing.insert(sessionAt(NOW))).rejects.toThrow('full');
  });
});
