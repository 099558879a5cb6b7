import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { configurationSchema, isSettingName, settings, type Configuration, type SettingName } from './settings.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** Faults that do not stop the start. */
  readonly warnings: readonly string[];
}

/** A refusal to start that names every wrong value at once, each with its remedy. */
export class ConfigurationError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`Gatehouse cannot start with this configuration:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}

type Values = Partial<Record<SettingName, string>>;

/**
 * Reads the environment, and the file named by GATEHOUSE_CONFIG, which the environment overrides. @throws
 * ConfigurationError
 */
export function loadConfiguration(environment: Environment): LoadedConfiguration {
  const fromEnvironment = knownValues(environment);
  const path = fromEnvironment.GATEHOUSE_CONFIG;
  const file = path === undefined ? { values: {}, faults: [] } : readFile(path);

  const result = configurationSchema.safeParse({ ...file.values, ...fromEnvironment });
  const faults = [...file.faults];
  if (!result.success) {
    faults.push(...result.error.issues.map((issue) => describeFault(issue, fromEnvironment, path)));
  }
  if (!result.success || faults.length > 0) throw new ConfigurationError(faults);
  const configuration = withDerivedDefaults(result.data, environment.NODE_ENV === 'production');
  requireUsableCookie(configuration);
  requireWholeAdministrator(configuration);
  return { configuration, warnings: findWarnings(environment, configuration) };
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

/**
 * An empty value counts as not set, so that `PORT= npm start` and an empty value in a compose file mean the default.
 */
function knownValues(environment: Environment): Values {
  const set = Object.entries(environment).filter(([name, value]) => isSettingName(name) && value !== '');
  return Object.fromEntries(set);
}

function readFile(path: string): { values: Values; faults: string[] } {
  const content = parseFile(path);
  const values: Values = {};
  const faults: string[] = [];
  for (const [name, value] of Object.entries(content)) {
    if (!isSettingName(name) || name === 'GATEHOUSE_CONFIG') {
      faults.push(
        `${JSON.stringify(name)} (in ${path}): not a name this file may hold; remove it or correct its spelling`,
      );
    } else if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      faults.push(`${name} (in ${path}): expected a string, a number, true or false`);
    } else if (value !== '') {
      values[name] = String(value);
    }
  }
  return { values, faults };
}

function parseFile(path: string): object {
  const refuse = (fault: string) => new ConfigurationError([`GATEHOUSE_CONFIG (${path}): ${fault}`]);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw refuse(
      `the file cannot be read (${(error as NodeJS.ErrnoException).code}); correct the path or its permissions`,
    );
  }
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // The parser's own message would quote the file, which may contain secrets.
    throw refuse('the file is not JSON; correct it');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw refuse('expected one JSON object, such as { "PORT": 8080 }');
  }
  return content;
}

function describeFault(issue: z.core.$ZodIssue, fromEnvironment: Values, path: string | undefined): string {
  const name = String(issue.path[0]) as SettingName;
  const origin = Object.hasOwn(fromEnvironment, name) ? '' : ` (in ${path})`;
  return `${name}${origin}: ${issue.message}`;
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
