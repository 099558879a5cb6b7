import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll } from '@jest/globals';

const MAIN = resolve('dist/src/cli/main.js');
const BUNDLED_MAIN = resolve('dist/bundles/command-line.mjs');
const HOST = resolve('dist/bundles/command-host.mjs');

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandResult extends Finished {
  /** The standard output as the one JSON document it must be. */
  json<T = Record<string, unknown>>(): T;
}

export interface CommandOptions {
  /** The working directory: where `data/` is. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Whether a process of its own loads each file by itself. Default: a bundle of them, see `bundleProcesses`. */
  readonly isUnbundled?: boolean;
}

let host: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

afterAll(async () => {
  host?.disconnect();
  host = undefined;
  await last;
});

/** Runs the built command line, in a process that the commands of one test file share and use one after another. */
export function gatehouse(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const finished = last.then(async () => {
    host ??= fork(HOST, {
      env: { PATH: process.env.PATH },
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const { directory, env = {}, input = '' } = options;
    host.send({ args, directory, input, env: environment(env) });
    const [answer] = (await once(host, 'message')) as [Finished];
    return withJson(answer);
  });
  last = finished.catch(() => undefined);
  return finished;
}

/** Runs the built command line as a process of its own. */
export async function gatehouseProcess(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { directory, env = {}, input = '', isUnbundled = false } = options;
  const child = spawn(process.execPath, [isUnbundled ? MAIN : BUNDLED_MAIN, ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, ...environment(env) },
  });
  child.stdin.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return withJson({ status, stdout, stderr });
}

function environment(env: Readonly<Record<string, string>>): Record<string, string> {
  return { NODE_ENV: 'test', BCRYPT_COST: '4', ...env };
}

function withJson(finished: Finished): CommandResult {
  return { ...finished, json: <T>() => JSON.parse(finished.stdout) as T };
}
