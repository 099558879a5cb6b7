#!/usr/bin/env node
import { runCommandLine } from './command-line.js';

// A pipe that is closed early, as by `| head -1`, is no failure.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await runCommandLine(process.argv.slice(2), async () => {
  const { loadEnvironmentFile } = await import('../config/environment-file.js');
  const { loadConfiguration } = await import('../config/configuration.js');
  loadEnvironmentFile();
  return loadConfiguration(process.env).configuration;
});
