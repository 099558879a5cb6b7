import type { z } from 'zod';
import { NO_FILE, readConfigurationFile, type FileContent, type Values } from './configuration-file.js';
import { ConfigurationError } from './configuration.error.js';
import { rememberOrigins, type Origin, type Origins } from './origins.js';
import { configurationSchema, isSettingName, settings, type Configuration, type SettingName } from './settings.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** Faults that do not stop the start. */
  readonly warnings: readonly string[];
}

/**
 * Reads the environment, and the file named by GATEHOUSE_CONFIG, which the environment overrides. @throws
 * ConfigurationError
 */
export function loadConfiguration(environment: Environment): LoadedConfiguration {
  const fromEnvironment = knownValues(environment);
  const path = fromEnvironment.GATEHOUSE_CONFIG;
  const file = path === undefined ? NO_FILE : readConfigurationFile(path);

  const result = configurationSchema.safeParse({ ...file.values, ...fromEnvironment });
  const faults = [...file.faults];
  if (!result.success) {
    faults.push(...result.error.issues.map((issue) => describeFault(issue, fromEnvironment, path, file)));
  }
  if (!result.success || faults.length > 0) throw new ConfigurationError(faults);
  // Who names another server in the environment names its account there too.
  const login = fromEnvironment.MONGODB_URI === undefined ? file.login : undefined;
  const configuration = {
    ...withDerivedDefaults(result.data, environment.NODE_ENV === 'production'),
    ...(login && { MONGODB_LOGIN: login }),
  };
  rememberOrigins(configuration, originsIn(file.values, fromEnvironment));
  requireUsableCookie(configuration);
  requireWholeAdministrator(configuration);
  requireLoopback(configuration);
  return { configuration, warnings: findWarnings(environment, configuration) };
}

/** The environment overrides the file. */
function originsIn(file: Values, environment: Values): Origins {
  const of = (values: Values, source: Origin['source']) =>
    Object.entries(values).map(([name, text]) => [name as SettingName, { text, source }] as const);
  return new Map([...of(file, 'file'), ...of(environment, 'environment')]);
}

function withDerivedDefaults(parsed: z.output<typeof configurationSchema>, isProduction: boolean): Configuration {
  const SESSION_COOKIE_SECURE = parsed.SESSION_COOKIE_SECURE ?? (isProduction ? true : 'auto');
  const SESSION_COOKIE_NAME = parsed.SESSION_COOKIE_NAME ?? (SESSION_COOKIE_SECURE === true ? '__Host-sid' : 'sid');
  return { ...parsed, SESSION_COOKIE_SECURE, SESSION_COOKIE_NAME, DOCS: parsed.DOCS ?? !isProduction };
}

function requireUsableCookie({ SESSION_COOKIE_NAME: name, SESSION_COOKIE_SECURE: secure }: Configuration): void {
  if (secure === true || !/^__(host|secure)-/i.test(name)) return;
  throw new ConfigurationError([
    `SESSION_COOKIE_NAME: browsers drop a cookie called ${name} unless it is always secure; set SESSION_COOKIE_SECURE=true, or take a plain name such as sid`,
  ]);
}

function requireWholeAdministrator(configuration: Configuration): void {
  const names = ['GATEHOUSE_ADMIN_USER', 'GATEHOUSE_ADMIN_PASSWORD'] as const;
  const missing = names.filter((name) => configuration[name] === undefined);
  if (missing.length !== 1) return;
  throw new ConfigurationError([`${missing[0]}: missing; set both ${names.join(' and ')}, or neither`]);
}

function requireLoopback({ SESSMAN_AUTH, HOST }: Configuration): void {
  if (SESSMAN_AUTH !== 'none' || HOST === 'localhost' || /^(127\.[\d.]+|::1)$/.test(HOST)) return;
  throw new ConfigurationError([
    `SESSMAN_AUTH: none is for this machine alone, and HOST is ${HOST}; listen on 127.0.0.1, or ask for API keys`,
  ]);
}

/**
 * An empty value counts as not set, so that `PORT= npm start` and an empty value in a compose file mean the default.
 */
function knownValues(environment: Environment): Values {
  const set = Object.entries(environment).filter(([name, value]) => isSettingName(name) && value !== '');
  return Object.fromEntries(set);
}

function describeFault(
  issue: z.core.$ZodIssue,
  fromEnvironment: Values,
  path: string | undefined,
  { names }: FileContent,
): string {
  const name = String(issue.path[0]) as SettingName;
  if (Object.hasOwn(fromEnvironment, name)) return `${name}: ${issue.message}`;
  return `${names[name] ?? name} (in ${path}): ${issue.message}`;
}

const PREFIXES = new Set(
  Object.keys(settings)
    .filter((name) => name.includes('_'))
    .map((name) => name.slice(0, name.indexOf('_') + 1)),
);

// Set by desktops and shells for other purposes.
const OTHERS = new Set(['HTTP_PROXY', 'SESSION_MANAGER']);

function findWarnings(environment: Environment, configuration: Configuration): string[] {
  const warnings = Object.keys(environment)
    .filter((name) => PREFIXES.has(name.slice(0, name.indexOf('_') + 1)) && !isSettingName(name) && !OTHERS.has(name))
    .map((name) => `${name} is set in the environment, but is not a name of Gatehouse; is it misspelt?`);
  if (configuration.SESSION_COOKIE_SECURE === false && environment.NODE_ENV === 'production') {
    warnings.push(
      'SESSION_COOKIE_SECURE=false in production: the session cookie travels over plain HTTP, where others can read it.',
    );
  }
  return warnings;
}
