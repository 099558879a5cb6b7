import { Logger, type FactoryProvider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AnonymousSessions } from './storage/anonymous-sessions.js';
import { Clock, Randomness, requireStorage } from 'nest-gatehouse/common';
import { MemoryAnonymousSessions } from './memory/memory-anonymous.sessions.js';
import { MemorySessionIndex } from './memory/memory-session.index.js';
import { MemorySessionLocks } from './memory/memory-session.locks.js';
import { MemorySessionStore } from './memory/memory-session.store.js';
import { MemorySessions } from './memory/memory-sessions.js';
import { endOf } from './engine/end-reason.js';
import { SessionEvents } from './engine/session.events.js';
import { SessionIndex } from './storage/session-index.js';
import { SessionLocks } from './storage/session-locks.js';
import { SessionStorage } from './engine/session-storage.js';
import { SessionStore } from './storage/session-store.js';

const logger = new Logger('Gatehouse');

/** What the application's storage module provides, or memory. */
export const STORAGE_PROVIDER: FactoryProvider<SessionStorage> = {
  provide: SessionStorage,
  inject: [
    { token: SessionStore, optional: true },
    { token: SessionIndex, optional: true },
    { token: SessionLocks, optional: true },
    { token: AnonymousSessions, optional: true },
    Clock,
    Randomness,
    SessionEvents,
    ModulesContainer,
  ],
  useFactory: (
    store: SessionStore | undefined,
    index: SessionIndex | undefined,
    locks: SessionLocks | undefined,
    anonymous: AnonymousSessions | undefined,
    clock: Clock,
    randomness: Randomness,
    events: SessionEvents,
    modules: ModulesContainer,
  ) => {
    refuseSecondStorage(modules);
    const storage = store ? provided(store, index, locks, anonymous, clock, randomness) : inMemory(clock, randomness);
    if (storage.store instanceof MemorySessionStore) {
      storage.store.onEvicted((session) => events.emit('session.ended', endOf(session, 'evicted')));
    }
    return storage;
  },
};

/** Nest would take the one that was imported last. @throws Error that names them */
function refuseSecondStorage(modules: ModulesContainer): void {
  const storages = [...modules.values()].filter(({ isGlobal, exports }) => isGlobal && exports.has(SessionStore));
  if (storages.length < 2) return;
  const names = storages.map(({ metatype }) => metatype.name).join(' and ');
  throw new Error(`SessionModule has more than one storage, ${names}: import one of them, once, in the root module.`);
}

function provided(
  store: SessionStore,
  index: SessionIndex | undefined,
  locks: SessionLocks | undefined,
  anonymous: AnonymousSessions | undefined,
  clock: Clock,
  randomness: Randomness,
) {
  if (!locks) logger.warn('No provider of SessionLocks: locks hold inside this process only.');
  const heldLocks = locks ?? new MemorySessionLocks(clock, randomness);
  return new SessionStorage(store, index ?? null, heldLocks, true, anonymous ?? null);
}

function inMemory(clock: Clock, randomness: Randomness): SessionStorage {
  const sessions = new MemorySessions({}, clock);
  const store = new MemorySessionStore(sessions);
  const index = new MemorySessionIndex(sessions);
  const locks = new MemorySessionLocks(clock, randomness);
  return new SessionStorage(store, index, locks, false, new MemoryAnonymousSessions(sessions));
}

/**
 * Called after all modules are created, so that the error of a storage module that could not start is raised first.
 * @throws Error in production
 */
export function checkStorageWasChosen({ isChosen }: SessionStorage): void {
  requireStorage({
    module: 'SessionModule',
    contracts: isChosen ? [] : ['SessionStore', 'SessionIndex', 'SessionLocks'],
    inMemory: 'MemoryStorageModule.forRoot()',
    kept: 'sessions',
  });
}
