import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll } from '@jest/globals';

const HOST = resolve('dist/bundles/hosted-server.mjs');
/** A server that does not stop by then has a request in flight; its process is not worth waiting for. */
const STOP_DEADLINE = 2_000;

const idle = new Set<ChildProcess>();
let isOver = false;

afterAll(async () => {
  isOver = true;
  await Promise.all([...idle].map(end));
});

/**
 * Runs the built server in a process that ran another one before, if there is one: of the two seconds of CPU that a start takes, nearly
 * all is for loading modules. For tests of what the server answers, not of how a process starts and ends.
 */
export function runInHost(
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
  flags: readonly string[],
): ChildProcess {
  // What is loaded before a server stays loaded.
  const child = [...idle].find((host) => flagsOf(host) === flags.join(' ')) ?? startHost(flags);
  idle.delete(child);
  child.send({ run: { env, directory } });
  return child;
}

/** Stops the server as a signal would, and keeps the process for the next one. */
export async function leaveHost(child: ChildProcess): Promise<void> {
  const mark = randomUUID();
  const left = new Promise<boolean>((answer) => {
    const timer = setTimeout(() => answer(false), STOP_DEADLINE);
    child.stdout!.on('data', function look(text: string) {
      if (!text.includes(mark)) return;
      child.stdout!.off('data', look);
      clearTimeout(timer);
      answer(true);
    });
  });
  child.send({ mark });
  if (!(await left) || isOver) return end(child);
  idle.add(child);
}

function startHost(flags: readonly string[]): ChildProcess {
  const child = fork(HOST, {
    env: { PATH: process.env.PATH },
    execArgv: [...flags],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.setMaxListeners(0);
  return child;
}

function flagsOf(host: ChildProcess): string {
  return host.spawnargs.slice(1, -1).join(' ');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}
