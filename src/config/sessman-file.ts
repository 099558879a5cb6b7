import { z } from 'zod';
import type { MongodbLogin } from './mongodb-login.js';
import type { SettingName } from './settings.js';

const REQUIRED = ['username', 'password', 'server_url', 'database'] as const;
const NAMES = new Set<string>([...REQUIRED, 'auth_database', 'session_ttl']);

const TEXT_HELP = 'expected a text in quotes that is not empty';
const text = z.string(TEXT_HELP).min(1, TEXT_HELP);
const SERVER_HELP = 'expected HOST:PORT of the MongoDB server, or several with commas between them';
const DATABASE_HELP = 'expected the name of a database: at most 63 letters, digits, - and _';
const database = text.regex(/^[\w-]{1,63}$/, DATABASE_HELP);

const fields = z.object({
  username: text,
  password: text,
  server_url: text
    .transform((url) => url.replace(/^mongodb:\/\//, '').replace(/\/$/, ''))
    .refine(
      (hosts) => hosts.split(',').every((host) => /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host)),
      SERVER_HELP,
    ),
  database,
  auth_database: database.optional(),
});

export interface SessmanFile {
  readonly values: Partial<Record<SettingName, string>>;
  readonly login?: MongodbLogin;
  /** `name: what is wrong` */
  readonly faults: readonly string[];
  readonly names: Readonly<Partial<Record<SettingName, string>>>;
}

/** Whether it is a name of the session service's own configuration file. */
export function isSessmanName(name: string): boolean {
  return NAMES.has(name);
}

/**
 * The names of a session service: `username`, `password`, `server_url` and `database` together choose MongoDB, where
 * the account is known to `auth_database` (default: `database`); `session_ttl` is `SESSION_TTL`, in seconds.
 */
export function readSessmanNames(content: Readonly<Record<string, unknown>>): SessmanFile {
  const { session_ttl: ttl } = content;
  const faults: string[] = [];
  const values: Partial<Record<SettingName, string>> = {};
  if (typeof ttl === 'number' || typeof ttl === 'string') values.SESSION_TTL = String(ttl);
  else if (ttl !== undefined) faults.push('session_ttl: expected a number of seconds, such as 86400');
  const names = { SESSION_TTL: 'session_ttl', MONGODB_URI: 'server_url', STORAGE: 'server_url' } as const;
  if (![...REQUIRED, 'auth_database'].some((name) => Object.hasOwn(content, name))) return { values, faults, names };

  const result = fields.safeParse(content);
  if (!result.success) {
    const found = result.error.issues.map(({ path: [name], message }) => {
      const isThere = Object.hasOwn(content, String(name));
      return `${String(name)}: ${isThere ? message : `missing; ${REQUIRED.join(', ')} belong together`}`;
    });
    return { values, faults: [...faults, ...new Set(found)], names };
  }
  const { username, password, server_url: hosts, database: name, auth_database: authSource = name } = result.data;
  return {
    values: { ...values, STORAGE: 'mongoose', MONGODB_URI: `mongodb://${hosts}/${name}` },
    login: { username, password, authSource },
    faults,
    names,
  };
}
