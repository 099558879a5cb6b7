import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
export const PASSWORD = 'a long and quiet sentence of words';
export const WRONG = 'another long and quiet sentence';

/** @param address the client's, as a proxy would forward it */
export async function login(url: string, username: string, password: string, address?: string): Promise<Response> {
  const response = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(address && { 'x-forwarded-for': address }) },
    body: JSON.stringify({ username, password }),
  });
  await response.arrayBuffer();
  return response;
}

export function createUser(env: NodeJS.ProcessEnv, name: string): Promise<void> {
  return commandLine(env, ['user:create', name, '--password-stdin', '--final'], PASSWORD);
}

export async function commandLine(env: NodeJS.ProcessEnv, args: readonly string[], input = ''): Promise<void> {
  const running = promisify(execFile)(process.execPath, [join(ROOT, 'dist/src/cli/main.js'), ...args], { env });
  running.child.stdin!.end(input);
  await running;
}

export async function start(env: NodeJS.ProcessEnv): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/src/main.js')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening on (http:\S+)$/.exec(line)?.[1];
    if (url) {
      child.stdout.resume();
      return { url, child };
    }
  }
  throw new Error('The server ended before it listened.');
}
