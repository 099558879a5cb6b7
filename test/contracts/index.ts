export { adminJobsContract, type AdminHarness, type AdminHarnessFactory } from './admin-jobs.contract.js';
export type { StorageHarness, StorageHarnessFactory, TestRunner } from './harness.js';
export {
  anonymousSessionsContract,
  type AnonymousHarness,
  type AnonymousHarnessFactory,
} from './anonymous-sessions.contract.js';
export { ExpressSessionStoreAdapter, type ExpressSessionStore } from './express-session-store.js';
export { sessionIndexContract } from './session-index.contract.js';
export { sessionLocksContract } from './session-locks.contract.js';
export { sessionStoreContract } from './session-store.contract.js';
export type { AuthHarness, AuthHarnessFactory } from './auth-harness.js';
export { auditLogContract } from './audit-log.contract.js';
export { loginAttemptsContract } from './login-attempts.contract.js';
export { pendingEndsContract } from './pending-ends.contract.js';
export { aHandle, aHash, sessionAt } from './session-record.js';
export {
  signInAs,
  type SignedInClient,
  type SignInAsOptions,
  type TestAgent,
  type TestAnswer,
  type TestRequest,
} from './sign-in-as.js';
export { userStoreContract } from './user-store.contract.js';
export type { SessmanHarness, SessmanHarnessFactory } from './sessman-harness.js';
export { apiKeyStoreContract } from './api-key-store.contract.js';
export { idempotencyStoreContract } from './idempotency-store.contract.js';
export type { HitHarness, HitHarnessFactory } from './hit-harness.js';
export { hitStoreContract } from './hit-store.contract.js';
