import type { AuthModuleOptions } from 'nest-gatehouse/auth';
import type { Configuration } from './settings.js';

export function authOptions(configuration: Configuration): AuthModuleOptions {
  return {
    bcryptCost: configuration.BCRYPT_COST,
    peppers: [...(configuration.PASSWORD_PEPPER ?? [])],
    oneTimePasswordTtl: configuration.ONE_TIME_PASSWORD_TTL,
    freeFailures: configuration.LOGIN_FREE_FAILURES,
    maxDelay: configuration.LOGIN_MAX_DELAY,
    hardLimit: configuration.LOGIN_HARD_LIMIT,
    networkLimit: configuration.LOGIN_NETWORK_LIMIT,
    maxSessionsPerUser: configuration.MAX_SESSIONS_PER_USER,
    sessionLimitPolicy: configuration.SESSION_LIMIT_POLICY,
    endSessionsNeedRecentAuth: configuration.END_SESSIONS_NEED_RECENT_AUTH,
    allowedOrigins: [...(configuration.ALLOWED_ORIGINS ?? [])],
    storeDeadline: configuration.STORE_DEADLINE,
    password: { blockedWords: ['gatehouse'] },
    // `FirstAdministrator` does it here.
    firstAccountHint: false,
  };
}
