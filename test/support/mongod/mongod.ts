import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { freePort } from '../free-port.js';
import { findMongod } from './mongod-binary.js';

export interface MongodOptions {
  /** Default: a new temporary directory, removed by `stop()`. */
  dbPath?: string;
  /** Default: a free one. */
  port?: number;
  /** More of mongod's own parameters. */
  parameters?: readonly string[];
  /** Whether a Ctrl-C at the terminal is ours alone, who then end it. Default false. */
  isOwnGroup?: boolean;
}

const START_DEADLINE = 30_000;
const STOP_DEADLINE = 20_000;

/** One MongoDB server process of ours. */
export class Mongod {
  #child!: ChildProcess;

  private constructor(
    private readonly binary: string,
    readonly port: number,
    readonly dbPath: string,
    private readonly isTemporary: boolean,
    private readonly parameters: readonly string[],
    private readonly isOwnGroup: boolean,
  ) {}

  static async start(options: MongodOptions = {}): Promise<Mongod> {
    const binary = await findMongod();
    const dbPath = options.dbPath ?? (await mkdtemp(join(tmpdir(), 'gatehouse-mongod-')));
    await mkdir(dbPath, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const port = options.port ?? (await freePort());
      const { parameters = [], isOwnGroup = false } = options;
      const mongod = new Mongod(binary, port, dbPath, options.dbPath === undefined, parameters, isOwnGroup);
      try {
        await mongod.restart();
        return mongod;
      } catch (error) {
        // Another process may have taken the free port meanwhile.
        if (attempt === 3 || options.port !== undefined) throw error;
      }
    }
  }

  get uri(): string {
    return `mongodb://127.0.0.1:${this.port}/?directConnection=true`;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Starts it again, on the same port and data, after `kill()`. Resolves when it answers. */
  async restart(): Promise<void> {
    this.#child = spawn(
      this.binary,
      ['--dbpath', this.dbPath, '--port', String(this.port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet']
        .concat(['--setParameter', 'ttlMonitorSleepSecs=1', '--setParameter', 'diagnosticDataCollectionEnabled=false'])
        .concat(['--wiredTigerCacheSizeGB', '0.5', ...this.parameters]),
      { stdio: 'ignore', detached: this.isOwnGroup },
    );
    this.#child.unref();
    const died = new Promise<never>((_, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code) => reject(new Error(`mongod ended with code ${code} while it started`)));
    });
    await Promise.race([this.#answers(), died]);
  }

  /** SIGTERM, and SIGKILL if that takes too long; then the temporary directory is removed. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.signal('SIGTERM');
      if (!(await this.#exited(STOP_DEADLINE))) await this.kill();
    }
    if (this.isTemporary) await rm(this.dbPath, { recursive: true, force: true });
  }

  /** SIGKILL. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#exited(STOP_DEADLINE);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  async #exited(deadline: number): Promise<boolean> {
    const child = this.#child;
    const last = Date.now() + deadline;
    while (child.exitCode === null && child.signalCode === null) {
      if (Date.now() > last) return false;
      await pause(20);
    }
    return true;
  }

  async #answers(): Promise<void> {
    const client = new mongo.MongoClient(this.uri, { serverSelectionTimeoutMS: START_DEADLINE });
    try {
      await client.db('admin').command({ ping: 1 });
    } finally {
      await client.close();
    }
  }
}
