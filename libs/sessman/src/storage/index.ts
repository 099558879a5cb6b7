/** For storages: the contracts of sessman, and what all stores share. The entry `nest-gatehouse/sessman/storage`. */
export { apiKeyPage, decodeApiKeyCursor, type ApiKeyPosition } from './api-key-page.js';
export {
  API_KEY_SCOPES,
  ApiKeyExistsError,
  ApiKeyStore,
  type ApiKeyList,
  type ApiKeyPage,
  type ApiKeyRecord,
  type ApiKeyRotation,
  type ApiKeyRotationOutcome,
  type ApiKeyScope,
} from './api-key-store.js';
export { claimOutcome, type StoredClaim } from './claim-outcome.js';
export { frozenApiKey } from './frozen-api-key.js';
export {
  IdempotencyStore,
  type ClaimOutcome,
  type IdempotencyClaim,
  type IdempotencyCompletion,
  type IdempotencyName,
  type IdempotencyRelease,
} from './idempotency-store.js';
export { SessmanStorage } from './sessman-storage.js';
