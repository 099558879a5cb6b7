import { isPromise, type Awaitable } from './awaitable.js';
import { BadCursorError } from './cursor.js';
import { ProblemException } from './problem.js';
import { StoreMonitor, type StoreOutcome } from './store-monitor.js';

/** Called for each failed operation, before the request is refused. */
export type StoreFailureListener = (operation: string, error: Error) => void;

type ErrorClass = new (...args: never[]) => Error;

const RETRY_SOON = 1;
const NONE: readonly ErrorClass[] = [];

class NoAnswerError extends Error {}

/** All calls to a store pass here: each operation is bounded in time, and fails as 503 `store_unavailable`. */
export class StoreCalls {
  /**
   * @param deadline milliseconds that one operation may take
   * @param subject the subject of the refusal's sentence; default `'The store'`
   * @param monitor observes every operation; default: nobody does
   */
  constructor(
    private readonly deadline: number,
    private readonly failed: StoreFailureListener,
    private readonly subject = 'The store',
    private readonly monitor = new StoreMonitor(),
  ) {}

  /**
   * Runs one operation. A synchronous one costs no promise and no timer.
   * @throws ProblemException 503 `store_unavailable`; a BadCursorError is thrown unchanged, because it is the caller's
   * fault
   */
  ask<T>(operation: string, run: () => Awaitable<T>, milliseconds = this.deadline): Awaitable<T> {
    return this.#call(operation, run, milliseconds, NONE);
  }

  /** As `ask`, for operations with their own errors: the `expected` ones are thrown unchanged. */
  async askFor<T>(operation: string, run: () => Awaitable<T>, expected: readonly ErrorClass[]): Promise<T> {
    return this.#call(operation, run, this.deadline, expected);
  }

  #call<T>(
    operation: string,
    run: () => Awaitable<T>,
    milliseconds: number,
    expected: readonly ErrorClass[],
  ): Awaitable<T> {
    if (!this.monitor.isObserved) return this.#run(operation, run, milliseconds, expected);
    return this.monitor.run(operation, () =>
      this.#timed(operation, () => this.#run(operation, run, milliseconds, expected)),
    );
  }

  #timed<T>(operation: string, call: () => Awaitable<T>): Awaitable<T> {
    const startedAt = performance.now();
    const ended = (outcome: StoreOutcome) => this.monitor.ended(operation, outcome, performance.now() - startedAt);
    const failed = (error: unknown): never => {
      ended(outcomeOf(error));
      throw error;
    };
    let answer: Awaitable<T>;
    try {
      answer = call();
    } catch (error) {
      return failed(error);
    }
    if (!isPromise(answer)) {
      ended('ok');
      return answer;
    }
    return answer.then((value) => {
      ended('ok');
      return value;
    }, failed);
  }

  #run<T>(
    operation: string,
    run: () => Awaitable<T>,
    milliseconds: number,
    expected: readonly ErrorClass[],
  ): Awaitable<T> {
    let answer: Awaitable<T>;
    try {
      answer = run();
    } catch (error) {
      throw this.#refusal(operation, error, expected);
    }
    return isPromise(answer) ? this.#bounded(operation, answer, milliseconds, expected) : answer;
  }

  async #bounded<T>(
    operation: string,
    answer: Promise<T>,
    milliseconds: number,
    expected: readonly ErrorClass[],
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new NoAnswerError(`no answer within ${milliseconds} ms`)), milliseconds);
    });
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      throw this.#refusal(operation, error, expected);
    } finally {
      clearTimeout(timer);
    }
  }

  #refusal(operation: string, error: unknown, expected: readonly ErrorClass[]): Error {
    const cause = error instanceof Error ? error : new Error(String(error));
    if (cause instanceof BadCursorError || expected.some((type) => cause instanceof type)) return cause;
    this.failed(operation, cause);
    const detail = `${this.subject} does not answer. Nothing was changed that was not confirmed; try again shortly.`;
    return new ProblemException(503, 'store_unavailable', detail, { retryAfter: RETRY_SOON, cause });
  }
}

/** @param error as `StoreCalls` throws it */
export function outcomeOf(error: unknown): Exclude<StoreOutcome, 'ok'> {
  if (!(error instanceof ProblemException)) return 'refused';
  return error.cause instanceof NoAnswerError ? 'timeout' : 'failed';
}
