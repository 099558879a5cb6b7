import type { SessionModuleOptions } from 'nest-gatehouse/session';
import type { Configuration } from './settings.js';

/** Paths that open no session: their answers are the same for everybody, or for an API key. */
const WITHOUT_SESSION = ['/assets/*', '/health/*', '/sessman/*'];

export function sessionOptions(configuration: Configuration): SessionModuleOptions {
  return {
    idleTimeout: configuration.SESSION_IDLE_TIMEOUT,
    absoluteTimeout: configuration.SESSION_ABSOLUTE_TIMEOUT,
    touchInterval: configuration.SESSION_TOUCH_INTERVAL,
    renewAfter: configuration.SESSION_RENEW_AFTER,
    renewGrace: configuration.SESSION_RENEW_GRACE,
    locking: configuration.SESSION_LOCKING,
    lockWait: configuration.SESSION_LOCK_WAIT,
    lockLease: configuration.SESSION_LOCK_LEASE,
    maxDataBytes: configuration.SESSION_MAX_DATA_BYTES,
    maxAnonymousSessions: configuration.MAX_ANONYMOUS_SESSIONS,
    maxAnonymousBytes: configuration.MAX_ANONYMOUS_BYTES,
    anonymousPerNetwork: configuration.ANONYMOUS_PER_NETWORK,
    cookie: {
      name: configuration.SESSION_COOKIE_NAME,
      secure: configuration.SESSION_COOKIE_SECURE,
      persistent: configuration.SESSION_COOKIE_PERSISTENT,
    },
    sweepInterval: configuration.SWEEP_INTERVAL,
    storeDeadline: configuration.STORE_DEADLINE,
    doctor: doctorOption(configuration.SESSION_DOCTOR),
    exclude: WITHOUT_SESSION,
  };
}

function doctorOption(word: Configuration['SESSION_DOCTOR']): SessionModuleOptions['doctor'] {
  return word === undefined || word === 'start' ? word : word === 'true';
}
