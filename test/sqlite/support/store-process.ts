import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { IdempotencyClaim } from 'nest-gatehouse/sessman/storage';
import type { SessionRecord } from 'nest-gatehouse/session/storage';

type Part = 'store' | 'index' | 'users' | 'attempts' | 'audit' | 'ends' | 'keys' | 'idempotency' | 'database';

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly failure?: string;
    readonly fault?: string;
  };
}

/** The bundle of `store-commands.mjs`. */
const SCRIPT = resolve('dist/bundles/store-commands.mjs');

/** Another process with the file open, which can be killed at any time. */
export class StoreProcess {
  static readonly #running = new Set<StoreProcess>();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #ended: Promise<never>;
  #errors = '';
  #last = 0;

  private constructor(private readonly child: ChildProcess) {
    StoreProcess.#running.add(this);
    child.stderr!.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.#ended = once(child, 'close').then(() => {
      throw new Error(`The process ended early: ${this.#errors}`);
    });
    this.#ended.catch(() => undefined);
    createInterface(child.stdout!).on('line', (line) => {
      // Nest's logger writes there too.
      if (!line.startsWith('{')) return;
      const answer = JSON.parse(line) as Answer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  /** @param through what the command is put behind. @throws what opening the file throws there */
  static async open(file: string, through: readonly string[] = []): Promise<StoreProcess> {
    const [command = '', ...values] = [...through, process.execPath, SCRIPT, file];
    const opened = new StoreProcess(spawn(command, values, { env: { ...process.env, NODE_OPTIONS: '' } }));
    await opened.#ask('open');
    return opened;
  }

  static async killAll(): Promise<void> {
    await Promise.all([...StoreProcess.#running].map((running) => running.kill()));
  }

  /** @throws Error with the `failure` of the one there */
  call<T>(part: Part, method: string, ...values: unknown[]): Promise<T> {
    return this.#ask('call', part, method, ...values);
  }

  /** The failure of a call, or null if it went well. */
  async failureOf(part: Part, method: string, ...values: unknown[]): Promise<string | null> {
    try {
      await this.call(part, method, ...values);
      return null;
    } catch (error) {
      return (error as { failure?: string }).failure ?? (error as Error).message;
    }
  }

  /** The handles of those that were stored. */
  insertAll(records: readonly SessionRecord[]): Promise<string[]> {
    return this.#ask('insertAll', records);
  }

  /** The outcomes of claims that are made at once. */
  claimAll(claims: readonly IdempotencyClaim[]): Promise<string[]> {
    return this.#ask('claimAll', claims);
  }

  /** Keeps the present state of the file in sight, so that the log cannot be begun anew. */
  startReading(): Promise<void> {
    return this.#ask('startReading');
  }

  stopReading(): Promise<void> {
    return this.#ask('stopReading');
  }

  /** Changes the data of a session so often, to so many bytes. Answers the failure that came first, or null. */
  change(handle: string, times: number, length: number): Promise<string | null> {
    return this.#ask('change', handle, times, length);
  }

  /** Closes the file and ends the process. */
  async stop(): Promise<void> {
    await this.#ask('close');
    const ended = once(this.child, 'close');
    this.child.stdin!.end();
    await ended;
    StoreProcess.#running.delete(this);
  }

  /** `kill -9` */
  async kill(): Promise<void> {
    StoreProcess.#running.delete(this);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await ended;
  }

  async #ask<T>(name: string, ...values: unknown[]): Promise<T> {
    const id = ++this.#last;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.child.stdin!.write(`${JSON.stringify({ id, name, values })}\n`);
    const { value, error } = await Promise.race([answered, this.#ended]);
    if (error) throw Object.assign(new Error(error.message), error);
    return value as T;
  }
}
