import { readFileSync } from 'node:fs';
import JSON5 from 'json5';
import { ConfigurationError } from './configuration.error.js';
import { isSessmanName, readSessmanNames } from './sessman-file.js';
import type { MongodbLogin } from './mongodb-login.js';
import { isSettingName, type SettingName } from './settings.js';

export type Values = Partial<Record<SettingName, string>>;

export interface FileContent {
  readonly values: Values;
  readonly login?: MongodbLogin;
  readonly faults: readonly string[];
  /** How the file calls a setting that it has under another name. */
  readonly names: Readonly<Partial<Record<SettingName, string>>>;
}

export const NO_FILE: FileContent = { values: {}, faults: [], names: {} };

/**
 * Reads the file of `GATEHOUSE_CONFIG`: names of the environment, or those of a session service. It is JSON in which
 * comments and trailing commas are allowed. @throws ConfigurationError if it cannot be read at all
 */
export function readConfigurationFile(path: string): FileContent {
  const content = parseFile(path);
  const values: Values = {};
  const faults: string[] = [];
  for (const [name, value] of Object.entries(content)) {
    if (isSessmanName(name)) continue;
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
  const service = readSessmanNames(content);
  for (const name of Object.keys(service.values)) {
    if (isSettingName(name) && values[name] !== undefined)
      faults.push(`${name} (in ${path}): the file says it twice, also as ${service.names[name]}; remove one`);
  }
  return {
    values: { ...values, ...service.values },
    login: service.login,
    faults: [...faults, ...service.faults.map((fault) => fault.replace(': ', ` (in ${path}): `))],
    names: service.names,
  };
}

function parseFile(path: string): Readonly<Record<string, unknown>> {
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
    content = JSON5.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's own message would quote the file, which may contain secrets.
    const { lineNumber, columnNumber } = error as { lineNumber?: number; columnNumber?: number };
    const place = lineNumber === undefined ? '' : ` (line ${lineNumber}, column ${columnNumber})`;
    throw refuse(`the file is not JSON${place}; correct it`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw refuse('expected one JSON object, such as { "PORT": 8080 }');
  }
  return content as Record<string, unknown>;
}
