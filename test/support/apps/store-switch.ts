import { SessionLocks, SessionStore } from 'nest-gatehouse/session/storage';
import type { Latch } from '../latch.js';
import type { INestApplication } from '@nestjs/common';

export type StoreOperation = 'insert' | 'read' | 'update' | 'rotate' | 'delete' | 'acquire';
export type StoreMood = 'well' | 'throws' | 'rejects' | 'hangs';

const STORE_OPERATIONS = ['insert', 'read', 'update', 'rotate', 'delete'] as const;

/** Counts what an application asks of its store, and lets the store fail at will. */
export class StoreSwitch {
  readonly calls: StoreOperation[] = [];
  readonly #moods = new Map<StoreOperation, StoreMood>();
  readonly #gates = new Map<StoreOperation, Promise<void>>();

  constructor(app: INestApplication) {
    const store = app.get(SessionStore, { strict: false });
    for (const name of STORE_OPERATIONS) this.#watch(store, name);
    this.#watch(app.get(SessionLocks, { strict: false }), 'acquire');
  }

  /** How the given operations, or all of the store's, go from now on. */
  set(mood: StoreMood, ...operations: StoreOperation[]): void {
    for (const name of operations.length > 0 ? operations : STORE_OPERATIONS) this.#moods.set(name, mood);
  }

  /** The next call of the operation waits for the latch. @returns whether it has come */
  holdBack(operation: StoreOperation, latch: Latch): () => boolean {
    this.#gates.set(operation, latch.opened);
    return () => !this.#gates.has(operation);
  }

  /** Well again, with nothing recorded or held back. */
  forget(): void {
    this.calls.length = 0;
    this.#moods.clear();
    this.#gates.clear();
  }

  /** The calls since the last look. */
  take(): StoreOperation[] {
    return this.calls.splice(0);
  }

  #watch(target: object, name: StoreOperation): void {
    const original = Reflect.get(target, name) as (...args: unknown[]) => unknown;
    Reflect.set(target, name, (...args: unknown[]) => {
      this.calls.push(name);
      switch (this.#moods.get(name)) {
        case 'throws':
          throw new Error('the disk is on fire');
        case 'rejects':
          return Promise.reject(new Error('the disk is on fire'));
        case 'hangs':
          return new Promise(() => undefined);
        default:
          return this.#passGate(name, () => original.apply(target, args));
      }
    });
  }

  #passGate(name: StoreOperation, call: () => unknown): unknown {
    const gate = this.#gates.get(name);
    this.#gates.delete(name);
    return gate ? gate.then(call) : call();
  }
}
