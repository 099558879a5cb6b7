import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const MAIN = resolve('dist/src/cli/main.js');

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The standard output as the one JSON document it must be. */
  json<T = Record<string, unknown>>(): T;
}

export interface CommandOptions {
  /** The working directory: where `data/` is. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs the built command line as a process of its own. */
export async function gatehouse(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { directory, env = {}, input = '' } = options;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, NODE_ENV: 'test', BCRYPT_COST: '4', ...env },
  });
  child.stdin.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
}
