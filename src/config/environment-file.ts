import { loadEnvFile } from 'node:process';
import { ConfigurationError } from './configuration.js';

/** Takes up the `.env` of the working directory, if there is one. What is in the environment already stays. */
export function loadEnvironmentFile(): void {
  try {
    loadEnvFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      throw new ConfigurationError([`.env: the file cannot be read (${code}); correct its permissions`]);
  }
}
