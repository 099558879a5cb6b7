export { ApiKeysModule, type ApiKeysModuleOptions } from './api-keys.module.js';
export { IdempotencySweeper } from './idempotency/idempotency.sweeper.js';
export type { ApiKeyInfo, ApiKeyInfoList, IssuedApiKey } from './keys/api-key-info.js';
export type { CreateApiKey, RotateApiKey } from './keys/api-key-input.js';
export { ApiKeyOwners } from './keys/api-key-owners.js';
export {
  ApiKeyEvents,
  type ApiKeyActor,
  type ApiKeyEvent,
  type ApiKeyEventMap,
  type ApiKeyRefusal,
  type ApiKeyRefusalReason,
} from './keys/api-key.events.js';
export { ApiKeys } from './keys/api-keys.service.js';
export { MemoryApiKeyStore } from './memory/memory-api-key.store.js';
export { MemoryIdempotencyStore } from './memory/memory-idempotency.store.js';
export { MemorySessmanStorageModule } from './memory/memory-sessman-storage.module.js';
export type { MemoryIdempotencyOptions } from './memory/memory.options.js';
export { SessmanModule, type SessmanModuleSetup } from './sessman.module.js';
export { SESSMAN_DEFAULTS, type SessmanModuleOptions } from './sessman.options.js';
export type { ProgramSession, ProgramUser } from './sessions/program-session.js';
export {
  ProgramSessions,
  type ProgramSessionList,
  type ProgramSessionPage,
} from './sessions/program-sessions.service.js';
