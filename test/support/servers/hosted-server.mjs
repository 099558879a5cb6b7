import { PinoLogger, __resetOutOfContextForTests as forgetLogger } from 'nestjs-pino/PinoLogger.js';
import { symbols } from 'pino';
import { ProcessEnd } from '../../../dist/src/boot/process-end.js';
import { runServer } from '../../../dist/src/boot/run-server.js';

// A process that runs the built server again and again, see `server-host.ts`. Each run does all that `main.js` does, in an environment
// and a directory of its own; what the process had loaded for the one before is not loaded again.
const LISTENED = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'];

let stop;

const { stopBefore } = ProcessEnd.prototype;
ProcessEnd.prototype.stopBefore = function (gracefully, grace) {
  stop = gracefully;
  stopBefore.call(this, gracefully, grace);
};

process.on('disconnect', () => process.exit(0));
process.on('message', async ({ run, mark }) => {
  if (run) {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, run.env);
    process.chdir(run.directory);
    stop = undefined;
    await runServer();
  } else {
    await stop.run();
    for (const event of LISTENED) process.removeAllListeners(event);
    // The log is written in the background: what is told behind its back may come before its last lines.
    const log = PinoLogger.root?.[symbols.streamSym] ?? process.stdout;
    forgetLogger();
    process.chdir('/');
    log.write(`${mark}\n`);
  }
});
