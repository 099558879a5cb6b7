export type { StorageHarness, StorageHarnessFactory, TestRunner } from './harness.js';
export { sessionIndexContract } from './session-index.contract.js';
export { sessionLocksContract } from './session-locks.contract.js';
export { sessionStoreContract } from './session-store.contract.js';
