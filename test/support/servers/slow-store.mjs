import { setTimeout as pause } from 'node:timers/promises';
import { MemorySessionStore } from 'nest-gatehouse/session';

// Loaded before the reference server: who sends a session cookie waits for the answer.
const { read } = MemorySessionStore.prototype;
MemorySessionStore.prototype.read = async function (...args) {
  await pause(Number(process.env.TEST_STORE_DELAY));
  return read.apply(this, args);
};
