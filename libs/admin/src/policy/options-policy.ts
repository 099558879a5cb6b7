import { Inject, Injectable } from '@nestjs/common';
import { AUTH_OPTIONS, resolveAuthOptions, type ResolvedAuthOptions } from 'nest-gatehouse/auth/http';
import { resolveSessionOptions, SESSION_OPTIONS, type ResolvedSessionOptions } from 'nest-gatehouse/session/identity';
import { PolicySource, type PolicyItem } from './policy-source.js';

type Value = PolicyItem['value'];
type Values = Readonly<Record<string, Value>>;

/** The options of `SessionModule` and `AuthModule`: what an application wrote is `code`, the rest `default`. */
@Injectable()
export class OptionsPolicy extends PolicySource {
  constructor(
    @Inject(SESSION_OPTIONS) private readonly session: ResolvedSessionOptions,
    @Inject(AUTH_OPTIONS) private readonly auth: ResolvedAuthOptions,
  ) {
    super();
  }

  override items(): readonly PolicyItem[] {
    const present = { ...ofSession(this.session), ...ofAuth(this.auth) };
    const defaults = { ...ofSession(resolveSessionOptions({})), ...ofAuth(resolveAuthOptions({})) };
    return Object.entries(present).map(([name, value]) => {
      return { name, value, source: value === defaults[name] ? 'default' : 'code' };
    });
  }
}

function ofSession(options: ResolvedSessionOptions): Values {
  const { cookie } = options;
  return {
    'session.idleTimeout': durationText(options.idleTimeout),
    'session.absoluteTimeout': durationText(options.absoluteTimeout),
    'session.renewAfter': durationText(options.renewAfter),
    'session.renewGrace': durationText(options.renewGrace),
    'session.touchInterval': durationText(options.touchInterval),
    'session.transport': options.transport,
    'session.locking': options.locking,
    'session.lockWait': durationText(options.lockWait),
    'session.lockLease': durationText(options.lockLease),
    'session.conflict': options.conflict,
    'session.maxDataBytes': options.maxDataBytes,
    'session.maxAnonymousSessions': options.maxAnonymousSessions,
    'session.maxAnonymousBytes': options.maxAnonymousBytes,
    'session.anonymousPerNetwork': options.anonymousPerNetwork,
    'session.onStoreFailure': options.onStoreFailure,
    'session.cookie.name': cookie.name,
    'session.cookie.path': cookie.path,
    'session.cookie.domain': cookie.domain ?? null,
    'session.cookie.secure': cookie.secure,
    'session.cookie.sameSite': cookie.sameSite,
    'session.cookie.httpOnly': cookie.httpOnly,
    'session.cookie.partitioned': cookie.partitioned,
    'session.cookie.persistent': cookie.persistent,
  };
}

function ofAuth(options: ResolvedAuthOptions): Values {
  const { remember, endSessionsNeedRecentAuth: recent } = options;
  return {
    'auth.bcryptCost': options.bcryptCost,
    'auth.freeFailures': options.freeFailures,
    'auth.maxDelay': durationText(options.maxDelay),
    'auth.hardLimit': options.hardLimit,
    'auth.lockout': durationText(options.lockout),
    'auth.networkLimit': options.networkLimit,
    'auth.networkWindow': durationText(options.networkWindow),
    'auth.maxSessionsPerUser': options.maxSessionsPerUser,
    'auth.sessionLimitPolicy': options.sessionLimitPolicy,
    'auth.endSessionsNeedRecentAuth': recent === false ? false : durationText(recent),
    'auth.oneTimePasswordTtl': durationText(options.oneTimePasswordTtl),
    'auth.auditRetention': durationText(options.auditRetention),
    'auth.clearSiteData': options.clearSiteData,
    'auth.remember.idleTimeout': remember === false ? false : durationText(remember.idleTimeout),
    'auth.remember.absoluteTimeout': remember === false ? false : durationText(remember.absoluteTimeout),
    'auth.allowedOrigins': options.allowedOrigins.join(', ') || null,
  };
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Exactly, in the largest unit that divides it: `90m`, not `2h`. False for never. */
export function durationText(milliseconds: number): string | false {
  if (!Number.isFinite(milliseconds)) return false;
  const unit = UNITS.find(([, length]) => milliseconds > 0 && milliseconds % length === 0);
  return unit ? `${milliseconds / unit[1]}${unit[0]}` : `${milliseconds}ms`;
}
