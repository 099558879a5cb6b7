import type { SessmanModuleOptions, SessmanModuleSetup } from 'nest-gatehouse/sessman';
import type { Configuration } from './settings.js';

export function sessmanOptions(configuration: Configuration): SessmanModuleOptions & SessmanModuleSetup {
  return {
    ttl: configuration.SESSION_TTL,
    maxTtl: configuration.SESSION_TTL_MAX,
    maxDataBytes: configuration.SESSION_MAX_DATA_BYTES,
    requestsPerMinute: configuration.API_KEY_RATE,
    auth: configuration.SESSMAN_AUTH,
    corsOrigins: [...(configuration.SESSMAN_CORS_ORIGINS ?? [])],
    storeDeadline: configuration.STORE_DEADLINE,
  };
}
