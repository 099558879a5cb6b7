import { beforeEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { OptionsError, StoreUnavailableError } from 'nest-gatehouse/common';
import {
  MemoryAnonymousSessions,
  MemorySessionIndex,
  MemorySessions,
  MemorySessionStore,
  MemoryStorageModule,
} from 'nest-gatehouse/session';
import {
  AnonymousSessions,
  SessionIndex,
  SessionLocks,
  type SessionRecord,
  SessionStore,
} from 'nest-gatehouse/session/storage';
import { newSession } from '../../support/records/sessions.js';

describe('MemorySessionStore', () => {
  let evicted: string[];

  beforeEach(() => {
    evicted = [];
  });

  function storeOf(options: ConstructorParameters<typeof MemorySessions>[0]): MemorySessionStore {
    const store = new MemorySessionStore(new MemorySessions(options));
    store.onEvicted(({ handle }) => evicted.push(handle));
    return store;
  }

  const named = (handle: string, changes: Partial<SessionRecord> = {}) => newSession({ handle, ...changes });

  it('ends the anonymous session used longest ago to make room', () => {
    const store = storeOf({ maxSessions: 3 });
    for (const handle of ['a', 'b', 'c']) store.insert(named(handle));
    store.read('a');
    store.update('b', { fields: { label: 'x' } });
    store.insert(named('d'));
    store.insert(named('e'));
    expect(evicted).toEqual(['c', 'a']);
    expect(store.read('c')).toBeNull();
    expect(store.read('b')).not.toBeNull();
  });

  it('ends no signed-in session while an anonymous one is left, however long unused', () => {
    const store = storeOf({ maxSessions: 3 });
    store.insert(named('old', { userId: 'ann' }));
    store.insert(named('b'));
    store.insert(named('c'));
    store.insert(named('d', { userId: 'bob' }));
    store.insert(named('e', { userId: 'eve' }));
    expect(evicted).toEqual(['b', 'c']);
    store.insert(named('f', { userId: 'flo' }));
    expect(evicted).toEqual(['b', 'c', 'old']);
  });

  it('refuses an anonymous session where only signed-in ones could make room', () => {
    const store = storeOf({ maxSessions: 2 });
    store.insert(named('a', { userId: 'ann' }));
    store.insert(named('b', { userId: 'bob' }));
    expect(() => store.insert(named('c'))).toThrow(StoreUnavailableError);
    expect(evicted).toEqual([]);
  });

  it('refuses no signed-in session, and no growth of one, because it is full of anonymous ones', () => {
    const store = storeOf({ maxSessions: 50, maxBytes: '1mb' });
    const large = JSON.stringify({ text: 'x'.repeat(60_000) });
    for (let n = 0; n < 60; n++) store.insert(named(`flood ${n}`, { data: large }));
    for (let n = 0; n < 12; n++) store.insert(named(`user ${n}`, { userId: 'ann' }));
    for (let n = 0; n < 12; n++) {
      store.update(`user ${n}`, { data: { set: new Map([['text', JSON.stringify('y'.repeat(60_000))]]) } });
      store.insert(named(`more ${n}`, { data: large }));
    }
    expect(evicted.filter((handle) => handle.startsWith('user'))).toEqual([]);
    for (let n = 0; n < 12; n++) expect(store.read(`user ${n}`)).not.toBeNull();
  });

  it('counts bytes, and makes room for data that grows, never by ending the session that grows', () => {
    const store = storeOf({ maxBytes: '1mb' });
    const kilobytes = (count: number) => `"${'x'.repeat(count * 1_024)}"`;
    store.insert(named('big', { data: `{"x":${kilobytes(600)}}` }));
    store.insert(named('small'));
    store.update('big', { data: { set: new Map([['y', kilobytes(300)]]) } });
    expect(evicted).toEqual([]);
    store.update('big', { data: { set: new Map([['z', kilobytes(123)]]) } });
    expect(evicted).toEqual(['small']);
    const grow = () => store.update('big', { data: { set: new Map([['more', kilobytes(300)]]) } });
    expect(grow).toThrow(StoreUnavailableError);
    expect(store.read('big')?.data).not.toContain('more');
  });

  it('gives back the room of sessions that have ended', () => {
    const store = storeOf({ maxSessions: 2 });
    for (let n = 0; n < 10; n++) {
      store.insert(named(`s${n}`, { userId: 'ann' }));
      store.delete(`s${n}`);
    }
    store.insert(named('a'));
    store.update('a', { fields: { userId: 'ann' } });
    store.insert(named('b'));
    expect(evicted).toEqual([]);
  });

  it('answers at once, with records that nobody can change', () => {
    const store = storeOf({});
    store.insert(named('a', { amr: ['pwd'] }));
    const record = store.read('a')!;
    expect(Object.isFrozen(record)).toBe(true);
    expect(Object.isFrozen(record.amr)).toBe(true);
    expect(store.update('a', { fields: { label: 'x' } })).toMatchObject({ status: 'updated' });
    expect(store.delete('a')).toBe(true);
  });

  it('forgets ended sessions when it sweeps, whatever number came and went', () => {
    const sessions = new MemorySessions({ maxSessions: 100 });
    const store = new MemorySessionStore(sessions);
    for (let n = 0; n < 20_000; n++) store.insert(named(`s${n}`));
    const past = Date.now() - 1;
    store.insert(named('over', { expiresAt: past }));
    const index = new MemorySessionIndex(sessions);
    expect(index.sweep(10).map(({ handle }) => handle)).toEqual(['over']);
    expect(index.sweep(10)).toEqual([]);
    expect(index.count({})).toBe(99);
  });
});

describe('MemoryStorageModule', () => {
  it('gives its contracts to the whole application', async () => {
    const app = await NestFactory.createApplicationContext(MemoryStorageModule.forRoot({ maxSessions: 10 }), {
      logger: false,
    });
    expect(app.get(SessionStore)).toBeInstanceOf(MemorySessionStore);
    await app.get(SessionStore).insert(newSession({ userId: 'ann' }));
    expect(await app.get(SessionIndex).count({ userId: 'ann' })).toBe(1);
    expect(await app.get(SessionLocks).acquire('key', { wait: 0, lease: 1_000 })).not.toBeNull();
    expect(app.get(AnonymousSessions)).toBeInstanceOf(MemoryAnonymousSessions);
    await app.close();
  });

  it('names the option that it cannot use', async () => {
    for (const options of [{ maxSessions: 0 }, { maxSessions: 1.5 }, { maxBytes: '10kb' }, { maxBytes: 'much' }]) {
      expect(() => new MemorySessions(options)).toThrow(OptionsError);
      expect(() => new MemorySessions(options)).toThrow(Object.keys(options)[0]);
    }
    const module = MemoryStorageModule.forRootAsync({ useFactory: () => ({ maxSessions: -1 }) });
    await expect(NestFactory.createApplicationContext(module, { logger: false, abortOnError: false })).rejects.toThrow(
      /maxSessions/,
    );
  });
});
