import { existsSync } from 'node:fs';
import { MemorySessionStore } from 'nest-gatehouse/session';

// Loaded before the reference server: the memory store fails for as long as the file named by TEST_STORE_FAILS is there.
for (const operation of ['insert', 'read', 'update', 'rotate', 'delete']) {
  const original = MemorySessionStore.prototype[operation];
  MemorySessionStore.prototype[operation] = function (...args) {
    if (existsSync(process.env.TEST_STORE_FAILS)) throw new Error('disk-7f3a of driver-91bc is on fire');
    return original.apply(this, args);
  };
}
