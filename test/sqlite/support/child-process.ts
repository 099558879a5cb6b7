import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { SessionRecord } from 'nest-gatehouse/session/storage';

export type ChildMode =
  'open' | 'fill' | 'increment' | 'lock' | 'sweep' | 'evict' | 'write' | 'hold' | 'guess' | 'raise';

export interface ChildResult {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

export interface Child {
  /** Told so far. */
  readonly lines: readonly string[];
  /** Resolves once this many lines have been told; rejects if the child ends before. */
  told(count: number): Promise<void>;
  goOn(): void;
  kill(): void;
  readonly ended: Promise<ChildResult>;
}

/** The bundle of `child.mjs`. */
const SCRIPT = resolve('dist/bundles/child.mjs');

/** Another process that works on the same file. `uid` to run it as another user. */
export function startChild(mode: ChildMode, file: string, argument = '', uid?: number): Child {
  const child = spawn(process.execPath, [SCRIPT, mode, file, argument], {
    uid,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const lines: string[] = [];
  let errors = '';
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, lines, errors }));
  return {
    lines,
    ended,
    goOn: () => void child.stdin.write('\n'),
    kill: () => void child.kill('SIGKILL'),
    async told(count) {
      while (lines.length < count) {
        const event = await Promise.race([once(reader, 'line').then(() => 'line'), ended.then(() => 'ended')]);
        if (event === 'ended' && lines.length < count) throw new Error(`The child ended early: ${errors}`);
      }
    },
  };
}

/** Makes the file, or adds to it, in a process that has ended since: nothing of it is open here, and its log is gone. */
export async function fillFile(file: string, sessions: readonly SessionRecord[]): Promise<void> {
  const list = `${file}.json`;
  writeFileSync(list, JSON.stringify(sessions));
  const { errors } = await startChild('fill', file, list).ended;
  rmSync(list);
  if (errors) throw new Error(errors);
}
