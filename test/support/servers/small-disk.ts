import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';

/** A file system of its own, a few megabytes large. */
export interface SmallDisk {
  /** For processes that are started `through` it. */
  readonly path: string;
  /** What a command is put behind, so that it sees the file system. */
  readonly through: readonly string[];
  /** Where this process sees what is at `path`. */
  readonly seen: string;
  remove(): Promise<void>;
}

const KINDS = ['mount', 'namespace'] as const;
type Kind = (typeof KINDS)[number];

export async function smallDisk(bytes: number, kind = KIND): Promise<SmallDisk> {
  if (kind === null) throw new Error(WHY_NOT);
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-disk-'));
  return kind === 'mount' ? mounted(path, bytes) : inNamespace(path, bytes);
}

/** What another program does: writes to a file of its own until nothing more can be written. */
export function fillUp({ seen }: SmallDisk, name = 'other.log'): void {
  const descriptor = openSync(join(seen, name), 'a');
  const bytes = Buffer.alloc(4_096);
  try {
    for (;;) writeSync(descriptor, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Takes that file away again. */
export function makeRoom({ seen }: SmallDisk, name = 'other.log'): void {
  rmSync(join(seen, name));
}

/** What is free on it, in bytes. */
export function freeOn({ seen }: SmallDisk): number {
  const { bavail, bsize } = statfsSync(seen);
  return bavail * bsize;
}

function mounted(path: string, bytes: number): SmallDisk {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', path], { stdio: 'pipe' });
  return {
    path,
    through: [],
    seen: path,
    // Lazily: a database that is closed keeps its files open until the garbage collector comes.
    remove: async () => {
      execFileSync('umount', ['-l', path], { stdio: 'pipe' });
      rmSync(path, { recursive: true });
    },
  };
}

/** For who may not mount: in a namespace of users and mounts of its own, kept by a process that sleeps. */
async function inNamespace(path: string, bytes: number): Promise<SmallDisk> {
  const script = 'mount -t tmpfs -o "size=$0,mode=700" tmpfs "$1" && echo mounted && exec sleep 3600';
  const keeper = spawn('unshare', ['-rm', 'sh', '-c', script, String(bytes), path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await mountedBy(keeper);
  return {
    path,
    through: ['nsenter', '-t', String(keeper.pid), '-U', '-m', '--preserve-credentials'],
    seen: `/proc/${keeper.pid}/root${path}`,
    remove: async () => {
      const ended = once(keeper, 'close');
      keeper.kill('SIGKILL');
      await ended;
      rmSync(path, { recursive: true });
    },
  };
}

async function mountedBy(keeper: ChildProcess): Promise<void> {
  let errors = '';
  keeper.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const failed = new Error('No namespace');
  await Promise.race([
    once(keeper.stdout!, 'data'),
    once(keeper, 'error').then(([error]) => Promise.reject(error as Error)),
    once(keeper, 'close').then(() => Promise.reject(Object.assign(failed, { message: `No namespace: ${errors}` }))),
  ]);
}

const WHY_NOT = 'A small file system can neither be mounted (as root) nor be had in a namespace (unshare -rm)';

/** The first kind that works here. @throws Error in CI where there is none */
async function findKind(): Promise<Kind | null> {
  for (const kind of KINDS) {
    try {
      const disk = await smallDisk(1024 * 1024, kind);
      const isThere = existsSync(disk.seen);
      await disk.remove();
      if (isThere) return kind;
    } catch {
      // The next one.
    }
  }
  if (process.env['CI']) throw new Error(`The suites of a full disk cannot run. ${WHY_NOT}.`);
  return null;
}

const KIND: Kind | null = await findKind();

/** `describe`, or `describe.skip` where no small file system can be had: then the summary of the run says so. */
export const describeOnSmallDisk: typeof describe | typeof describe.skip = KIND ? describe : describe.skip;
