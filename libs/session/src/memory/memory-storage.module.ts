import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata, type Provider } from '@nestjs/common';
import { AnonymousSessions } from '../storage/anonymous-sessions.js';
import { Clock, fromForRoot, moduleCheck, Randomness, SystemClock, SystemRandomness } from 'nest-gatehouse/common';
import { SessionIndex } from '../storage/session-index.js';
import { SessionLocks } from '../storage/session-locks.js';
import { SessionStore } from '../storage/session-store.js';
import { MemoryAnonymousSessions } from './memory-anonymous.sessions.js';
import { StorageHealth } from '../storage/storage-health.js';
import { MemorySessionIndex } from './memory-session.index.js';
import { MemorySessionLocks } from './memory-session.locks.js';
import { MemorySessionStore } from './memory-session.store.js';
import { MemorySessions } from './memory-sessions.js';
import { MemoryStorageHealth } from './memory-storage.health.js';
import type { MemoryStorageOptions } from './memory.options.js';

export interface MemoryStorageAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  inject?: FactoryProvider['inject'];
  useFactory: (...dependencies: never[]) => MemoryStorageOptions | Promise<MemoryStorageOptions>;
}

const OPTIONS = Symbol('gatehouse:memory-storage-options');

/**
 * Sessions in memory for the whole application: for development, tests, and a single process whose sessions may be
 * lost.
 */
@Module({ providers: [moduleCheck(() => MemoryStorageModule), ...fromForRoot('MemoryStorageModule', OPTIONS)] })
export class MemoryStorageModule {
  /** @throws OptionsError at start */
  static forRoot(options: MemoryStorageOptions = {}): DynamicModule {
    return storage({ provide: OPTIONS, useValue: { ...options } });
  }

  static forRootAsync(options: MemoryStorageAsyncOptions): DynamicModule {
    const { imports, inject, useFactory } = options;
    return storage({ provide: OPTIONS, inject: inject ?? [], useFactory }, imports);
  }
}

const CLOCK = { token: Clock, optional: true };
const RANDOMNESS = { token: Randomness, optional: true };

function storage(options: Provider, imports: ModuleMetadata['imports'] = []): DynamicModule {
  return {
    module: MemoryStorageModule,
    global: true,
    imports,
    providers: [
      options,
      {
        provide: MemorySessions,
        inject: [OPTIONS, CLOCK],
        useFactory: (given: MemoryStorageOptions, clock: Clock = new SystemClock()) => new MemorySessions(given, clock),
      },
      {
        provide: SessionStore,
        inject: [MemorySessions],
        useFactory: (sessions: MemorySessions) => new MemorySessionStore(sessions),
      },
      {
        provide: SessionIndex,
        inject: [MemorySessions],
        useFactory: (sessions: MemorySessions) => new MemorySessionIndex(sessions),
      },
      {
        provide: AnonymousSessions,
        inject: [MemorySessions],
        useFactory: (sessions: MemorySessions) => new MemoryAnonymousSessions(sessions),
      },
      {
        provide: SessionLocks,
        inject: [CLOCK, RANDOMNESS],
        useFactory: (clock: Clock = new SystemClock(), randomness: Randomness = new SystemRandomness()) =>
          new MemorySessionLocks(clock, randomness),
      },
      { provide: StorageHealth, useClass: MemoryStorageHealth },
    ],
    exports: [SessionStore, SessionIndex, SessionLocks, AnonymousSessions, StorageHealth],
  };
}
