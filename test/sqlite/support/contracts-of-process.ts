import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Clock } from 'nest-gatehouse/common';
import type { Contracts } from '../../session/schedules/instances.js';

/** The bundle of `called-contracts.mjs`. */
const SCRIPT = resolve('dist/bundles/called-contracts.mjs');

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
}

/** Another process on the same SQLite file, with its own connection and its own records in memory. */
export class ContractsOfProcess {
  readonly #answers = new Map<number, (answer: Answer) => void>();
  readonly #ended: Promise<never>;
  #last = 0;
  /** How many calls were made there. */
  calls = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly clock: Clock,
  ) {
    child.on('message', (answer: Answer) => {
      this.#answers.get(answer.id)?.(answer);
      this.#answers.delete(answer.id);
    });
    this.#ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The other process has ended with code ${code}.`);
    });
    this.#ended.catch(() => undefined);
  }

  /** @param clock that of this process, whose time each call takes with it */
  static async open(file: string, clock: Clock): Promise<ContractsOfProcess> {
    // Updates have maps and sets, which JSON has not.
    const child = fork(SCRIPT, [file], { serialization: 'advanced', execArgv: [], env: { PATH: process.env.PATH } });
    const other = new ContractsOfProcess(child, clock);
    await Promise.race([once(child, 'message'), other.#ended]);
    return other;
  }

  /** From now on these methods are called there. */
  replace(contracts: Contracts, methods: Readonly<Record<keyof Contracts, readonly string[]>>): void {
    for (const [contract, names] of Object.entries(methods)) {
      for (const method of names) {
        const call = (...values: unknown[]) => this.#call(contract, method, values.map(withoutCallbacks));
        Reflect.set(contracts[contract as keyof Contracts], method, call);
      }
    }
  }

  async close(): Promise<void> {
    this.child.disconnect();
    await this.#ended.catch(() => undefined);
  }

  async #call(contract: string, method: string, values: readonly unknown[]): Promise<unknown> {
    const id = ++this.#last;
    this.calls++;
    const answered = new Promise<Answer>((answer) => this.#answers.set(id, answer));
    this.child.send({ id, contract, method, values, at: this.clock.now() });
    const { value, error } = await Promise.race([answered, this.#ended]);
    if (error) throw Object.assign(new Error(error.message), error);
    return value;
  }
}

/** A function, such as `onWait` of a lock, cannot be sent. */
function withoutCallbacks(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value.constructor !== Object) return value;
  return Object.fromEntries(Object.entries(value).filter(([, of]) => typeof of !== 'function'));
}
