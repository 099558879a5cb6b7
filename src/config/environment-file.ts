import { loadEnvFile } from 'node:process';
import { ConfigurationError } from './configuration.error.js';

/** Loads the `.env` of the working directory, if there is one. Variables that are already set keep their values. */
export function loadEnvironmentFile(): void {
  try {
    loadEnvFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      throw new ConfigurationError([`.env: the file cannot be read (${code}); correct its permissions`]);
  }
}
