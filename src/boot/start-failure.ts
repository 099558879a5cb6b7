import { OptionsError, StoreUnavailableError } from 'nest-gatehouse/common';
import { SqliteFileError } from 'nest-gatehouse/sqlite';
import { ConfigurationError } from '../config/configuration.error.js';

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'that port is taken; stop what listens there, or set PORT to another one (0 takes a free one)',
  EACCES: 'this user may not listen there; set PORT to 1024 or above',
  EADDRNOTAVAIL: 'this machine has no such address; set HOST to one it has, such as localhost or 0.0.0.0',
  ENOTFOUND: 'that host name is unknown; set HOST to localhost or an IP address of this machine',
};

/** One clear message for the operator. Only unexpected errors include their stack. */
export function explainStartFailure(error: unknown): string {
  if (!(error instanceof Error)) return `Gatehouse cannot start: ${String(error)}`;
  if (error instanceof ConfigurationError) return error.message;
  if (error instanceof SqliteFileError)
    return `Gatehouse cannot start: SQLITE_FILE: ${error.file} ${error.fault}. ${error.remedy}`;
  if (error.name === 'StorageIndexError' || error.name === 'StorageDeploymentError')
    return `Gatehouse cannot start: MONGODB_URI: ${error.message}`;
  if (error instanceof OptionsError || error instanceof StoreUnavailableError)
    return `Gatehouse cannot start: ${error.message}`;
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const remedy = REMEDIES[code ?? ''];
  if (remedy !== undefined && (syscall === 'listen' || syscall === 'getaddrinfo')) {
    return `Gatehouse cannot listen on ${address ?? 'HOST'}${port === undefined ? '' : ` port ${port}`} (${code}): ${remedy}.`;
  }
  return `Gatehouse cannot start: ${error.stack ?? error.message}`;
}
