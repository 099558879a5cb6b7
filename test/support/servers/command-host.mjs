import { Readable } from 'node:stream';
import { runCommandLine } from '../../../dist/src/cli/command-line.js';
import { loadConfiguration } from '../../../dist/src/config/configuration.js';

// A process that runs the built command line again and again: a start of its own costs more than a second of CPU for each command.
process.on('message', async ({ args, directory, env, input }) => {
  process.chdir(directory);
  Object.defineProperty(process, 'stdin', { value: Readable.from([input]), configurable: true });
  const own = { ...process.env };
  Object.assign(process.env, env);
  const stdout = collect(process.stdout);
  const stderr = collect(process.stderr);
  const status = await runCommandLine(args, async () => loadConfiguration(env).configuration);
  for (const name of Object.keys(env)) delete process.env[name];
  Object.assign(process.env, own);
  process.send({ status, stdout: stdout(), stderr: stderr() });
});

/** @returns what ends the collection, and answers what was written meanwhile */
function collect(stream) {
  const { write } = stream;
  let text = '';
  stream.write = (chunk) => {
    text += chunk;
    return true;
  };
  return () => {
    stream.write = write;
    return text;
  };
}
