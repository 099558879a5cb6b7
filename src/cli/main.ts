import { loadConfiguration } from '../config/configuration.js';
import { loadEnvironmentFile } from '../config/environment-file.js';
import { runCommandLine } from './command-line.js';

// A pipe that is closed early, such as `| head -1`, is no failure.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await runCommandLine(process.argv.slice(2), () => {
  loadEnvironmentFile();
  return loadConfiguration(process.env).configuration;
});
