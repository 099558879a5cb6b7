import { Inject, Injectable, Module, type DynamicModule } from '@nestjs/common';
import { PolicySource, type PolicyItem } from 'nest-gatehouse/admin';
import { CONFIGURATION } from './configuration.token.js';
import { originsOf } from './origins.js';
import { describeSetting, type Configuration, type SettingName } from './settings.js';

/** The settings that say how long, how many and under which protection: none of them is a secret. */
const SHOWN = [
  'SESSION_IDLE_TIMEOUT',
  'SESSION_ABSOLUTE_TIMEOUT',
  'SESSION_TOUCH_INTERVAL',
  'SESSION_RENEW_AFTER',
  'SESSION_RENEW_GRACE',
  'SESSION_LOCKING',
  'SESSION_LOCK_WAIT',
  'SESSION_LOCK_LEASE',
  'SESSION_MAX_DATA_BYTES',
  'SESSION_COOKIE_NAME',
  'SESSION_COOKIE_SECURE',
  'SESSION_COOKIE_PERSISTENT',
  'MAX_ANONYMOUS_SESSIONS',
  'MAX_ANONYMOUS_BYTES',
  'ANONYMOUS_PER_NETWORK',
  'MAX_SESSIONS_PER_USER',
  'SESSION_LIMIT_POLICY',
  'END_SESSIONS_NEED_RECENT_AUTH',
  'BCRYPT_COST',
  'ONE_TIME_PASSWORD_TTL',
  'LOGIN_FREE_FAILURES',
  'LOGIN_MAX_DELAY',
  'LOGIN_HARD_LIMIT',
  'LOGIN_NETWORK_LIMIT',
  'ALLOWED_ORIGINS',
  'TRUST_PROXY',
  'BASE_PATH',
  'SESSION_TTL',
  'SESSION_TTL_MAX',
  'API_KEY_RATE',
  'BODY_LIMIT',
  'HSTS_INCLUDE_SUBDOMAINS',
  'HITS_MODE',
  'HITS_RETENTION',
  'HITS_DAILY_RETENTION',
] as const satisfies readonly SettingName[];

/** Settings whose defaults depend on others are shown as they came out. */
const DERIVED: ReadonlySet<SettingName> = new Set(['SESSION_COOKIE_NAME', 'SESSION_COOKIE_SECURE']);

/** The cookie attributes that are not to be chosen. */
const FIXED: readonly PolicyItem[] = [
  { name: 'cookie HttpOnly', value: true, source: 'default' },
  { name: 'cookie SameSite', value: 'Lax', source: 'default' },
  { name: 'cookie Path', value: '/', source: 'default' },
];

/** What the settings of this server have put in force. */
@Injectable()
class ConfigurationPolicy extends PolicySource {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {
    super();
  }

  override items(): readonly PolicyItem[] {
    const origins = originsOf(this.configuration);
    const items = SHOWN.map((name): PolicyItem => {
      const origin = origins.get(name);
      return origin ? { name, value: origin.text, source: origin.source } : { name, ...this.#default(name) };
    });
    return [...items, ...FIXED];
  }

  #default(name: SettingName): Pick<PolicyItem, 'value' | 'source'> {
    const value = DERIVED.has(name)
      ? `${this.configuration[name] as string | boolean}`
      : (this.#fallback(name) ?? null);
    return { value, source: 'default' };
  }

  /** Null for a setting that is off unless it is given. */
  #fallback(name: SettingName): string | null {
    return this.configuration[name] === undefined ? null : describeSetting(name).fallback;
  }
}

/** For the imports of `AdminModule`. */
@Module({})
export class PolicyModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: PolicyModule,
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        { provide: PolicySource, useClass: ConfigurationPolicy },
      ],
      exports: [PolicySource],
    };
  }
}
