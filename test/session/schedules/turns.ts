import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type fc from 'fast-check';

interface Actor {
  readonly name: string;
  /** How many of its calls wait for their turn. */
  waiting: number;
  /** How many are on their way. */
  underWay: number;
  /** How many wait behind a call of somebody else, so that nothing can be expected of them. */
  queued: number;
  isDone: boolean;
}

/** Whose call it is, and what it asks of the stores. */
interface Context {
  readonly actor: Actor;
  readonly asks: string | undefined;
  /** Whether it is under way. */
  readonly isUnderWay: boolean;
}

type Method = (...args: unknown[]) => unknown;

/**
 * Lets one call of the stores through at a time, in the order that a scheduler of fast-check chooses. The next one goes
 * only when each actor waits for its turn or is done, so the same seed always gives the same order, on any storage.
 */
export class Turns {
  readonly #contexts = new AsyncLocalStorage<Context>();
  #present: Actor[] = [];
  #scheduler: fc.Scheduler | null = null;
  #wake: () => void = () => undefined;
  /** Who had each turn, and for what. */
  lines: string[] = [];

  /** The one who is at work here. */
  get actor(): string {
    return this.#contexts.getStore()?.actor.name ?? 'nobody';
  }

  /** Node looks at each context that was ever entered whenever a promise is made, in all tests that come after. */
  end(): void {
    this.#contexts.disable();
  }

  /** Each call of these methods waits for its turn. */
  watch(target: object, methods: readonly string[]): void {
    this.#wrap(target, methods, (name, call) => this.#taken(this.#contexts.getStore()?.asks ?? name, call));
  }

  /** What calls of these methods lead to has their name. */
  name(target: object, methods: readonly string[]): void {
    this.#wrap(target, methods, (asks, call) => {
      const context = this.#contexts.getStore();
      return context ? this.#contexts.run({ ...context, asks }, call) : call();
    });
  }

  /** Calls of these methods may wait until a call of another actor has come back. */
  queue(target: object, methods: readonly string[]): void {
    this.#wrap(target, methods, async (_name, call) => {
      const actor = this.#contexts.getStore()?.actor;
      if (!actor) return call();
      actor.queued++;
      this.#wake();
      try {
        return await call();
      } finally {
        actor.queued--;
      }
    });
  }

  #wrap(target: object, methods: readonly string[], around: (name: string, call: () => unknown) => unknown): void {
    for (const name of methods) {
      const original = Reflect.get(target, name) as Method;
      Reflect.set(target, name, (...args: unknown[]) => around(name, () => original.apply(target, args)));
    }
  }

  /** Waits for the next turn of whoever calls this. */
  async take(what: string): Promise<void> {
    const context = this.#contexts.getStore();
    if (!context || !this.#scheduler) return;
    const { actor, isUnderWay } = context;
    actor.waiting++;
    if (isUnderWay) actor.underWay--;
    this.#wake();
    await this.#scheduler.schedule(Promise.resolve(), what);
    actor.waiting--;
    if (isUnderWay) actor.underWay++;
    this.lines.push(`${actor.name}: ${what}`);
  }

  async #taken(what: string, call: () => unknown): Promise<unknown> {
    await this.take(what);
    const context = this.#contexts.getStore();
    if (!context) return call();
    context.actor.underWay++;
    try {
      return await this.#contexts.run({ ...context, isUnderWay: true }, call);
    } finally {
      context.actor.underWay--;
      this.#wake();
    }
  }

  /** Runs these actors until all are done. */
  async run(scheduler: fc.Scheduler, work: ReadonlyMap<string, () => Promise<void>>): Promise<void> {
    this.#scheduler = scheduler;
    this.lines = [];
    const running = Promise.all([...work].map(([name, act]) => this.#start(name, act)));
    // It is awaited only when all are done.
    running.catch(() => undefined);
    for (;;) {
      await this.#quiet();
      if (scheduler.count() === 0) break;
      await scheduler.waitNext(1);
    }
    this.#scheduler = null;
    this.#present = [];
    await running;
  }

  #start(name: string, act: () => Promise<void>): Promise<void> {
    const actor: Actor = { name, waiting: 0, underWay: 0, queued: 0, isDone: false };
    this.#present.push(actor);
    const run = async () => {
      await this.take('begin');
      await act();
    };
    return this.#contexts.run({ actor, asks: undefined, isUnderWay: false }, run).finally(() => {
      actor.isDone = true;
      this.#wake();
    });
  }

  /** Resolves once nobody is at work. */
  async #quiet(): Promise<void> {
    await nextTurn();
    while (this.#present.some(isAtWork)) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      await nextTurn();
    }
  }
}

function isAtWork({ waiting, underWay, queued, isDone }: Actor): boolean {
  return underWay > 0 || (waiting === 0 && queued === 0 && !isDone);
}
