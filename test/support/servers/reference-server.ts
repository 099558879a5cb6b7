import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { leaveHost, runInHost } from './server-host.js';

const MAIN = resolve('dist/src/main.js');
const BUNDLES = resolve('dist/bundles');
const START_LINE = /listening on (http:\/\/\S+)\n/;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartOptions {
  /** The whole environment of the server, but for PATH and PORT=0. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working directory: where `data/` is made. Default: a new one. */
  readonly directory?: string;
  /** Modules to load before the server. */
  readonly preload?: readonly string[];
  /** Whether the server loads each file by itself, for a preload that watches them. Default: its bundle, see `bundleProcesses`. Not with `inHost`. */
  readonly isUnbundled?: boolean;
  /** What the command is put behind, see `SmallDisk`. */
  readonly through?: readonly string[];
  /** How long the start may take, in milliseconds. */
  readonly deadline?: number;
  /** Whether a process will do that ran another server before, see `runInHost`. Not with `through`. */
  readonly inHost?: boolean;
}

/** The built server as a process, stopped by its process id. */
export class ReferenceServer {
  static readonly #running = new Set<ReferenceServer>();
  readonly exit: Promise<Exit>;
  readonly #keepStdout = (text: string) => (this.#stdout += text);
  readonly #keepStderr = (text: string) => (this.#stderr += text);
  #isSignalled = false;
  #stdout = '';
  #stderr = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly directory: string,
    private readonly inHost: boolean,
  ) {
    child.stdout!.setEncoding('utf8').on('data', this.#keepStdout);
    child.stderr!.setEncoding('utf8').on('data', this.#keepStderr);
    // `close` comes after the last byte of output, `exit` may come before it.
    this.exit = once(child, 'close').then((args) => ({
      code: args[0] as Exit['code'],
      signal: args[1] as Exit['signal'],
    }));
    ReferenceServer.#running.add(this);
    void this.exit.then(() => ReferenceServer.#running.delete(this));
  }

  /** Runs the server without waiting for it. */
  static async launch(options: StartOptions = {}): Promise<ReferenceServer> {
    const { env = {}, directory, preload = [], through = [], inHost = false, isUnbundled = false } = options;
    const cwd = directory ?? (await temporaryDirectory());
    const environment = { PATH: process.env.PATH, PORT: '0', ...env };
    const flags = preload.map((module) => `--import=${resolve(isUnbundled ? module : bundled(module))}`);
    if (inHost) return new ReferenceServer(runInHost(environment, cwd, flags), cwd, true);
    const [command = '', ...values] = [
      ...through,
      process.execPath,
      ...flags,
      isUnbundled ? MAIN : join(BUNDLES, 'server.mjs'),
    ];
    const child = spawn(command, values, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    return new ReferenceServer(child, cwd, false);
  }

  /** Resolves when the server has told that it listens. @throws Error with its output if it does not */
  static async start(options: StartOptions = {}): Promise<ReferenceServer> {
    const server = await ReferenceServer.launch(options);
    await server.waitFor(START_LINE, options.deadline);
    return server;
  }

  static async stopAll(): Promise<void> {
    await Promise.all([...ReferenceServer.#running].map((server) => server.discard()));
  }

  get url(): string {
    const url = START_LINE.exec(this.#stdout)?.[1];
    if (url === undefined) throw new Error('The server does not listen.');
    return url;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get logLines(): Record<string, unknown>[] {
    const lines = this.#wholeLines.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Without the last one if it has not come whole. */
  get #wholeLines(): string {
    return this.#stdout.slice(0, this.#stdout.lastIndexOf('\n') + 1);
  }

  signal(signal: NodeJS.Signals): void {
    this.#isSignalled = true;
    this.child.kill(signal);
  }

  kill(signal: NodeJS.Signals): Promise<Exit> {
    this.signal(signal);
    return this.exit;
  }

  /** Ends the server, in whatever way is quickest. */
  async discard(): Promise<void> {
    // A process that was told to end is no host any more.
    if (!this.inHost || this.#isSignalled) {
      await this.kill('SIGKILL');
      return;
    }
    ReferenceServer.#running.delete(this);
    await leaveHost(this.child);
    this.child.stdout!.off('data', this.#keepStdout);
    this.child.stderr!.off('data', this.#keepStderr);
  }

  /** Waits for lines on the standard output that match, and are whole. @throws Error with the output if they have not come by the deadline, or the server has exited before */
  async waitFor(pattern: RegExp, deadline = 60_000): Promise<void> {
    if (pattern.test(this.#wholeLines)) return;
    const problem = (what: string) => new Error(`${what} before ${pattern}:\n${this.#stdout}${this.#stderr}`);
    await new Promise<void>((found, failed) => {
      const timer = setTimeout(() => failed(problem(`${deadline} ms passed`)), deadline);
      const check = () => {
        if (!pattern.test(this.#wholeLines)) return;
        this.child.stdout!.off('data', check);
        clearTimeout(timer);
        found();
      };
      this.child.stdout!.on('data', check);
      void this.exit.then(() => {
        clearTimeout(timer);
        failed(problem('The server exited'));
      });
    });
  }
}

/** What changes the server is in one bundle with it. */
function bundled(module: string): string {
  const inBundle = join(BUNDLES, basename(module));
  return existsSync(inBundle) ? inBundle : module;
}

const directories: string[] = [];

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-'));
  directories.push(directory);
  return directory;
}

/** For `afterAll`: ends every server of this suite and removes what they wrote. */
export async function cleanUp(): Promise<void> {
  await ReferenceServer.stopAll();
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true, force: true })));
}
