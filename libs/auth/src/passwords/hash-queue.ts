import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { FairLine } from './fair-line.js';
import { OWN_FLOW, type HashFlow } from './hash-flow.js';
import { busy } from '../auth.problems.js';

const DEFAULT_POOL = 4;
/**
 * The share of a line's places that one username or network may have. Beyond it the answer is `busy` at once, so that
 * places stay free for others.
 */
const MAX_SHARE = 1 / 4;
const MAX_TIMER = 2 ** 31 - 1;

interface Turn {
  readonly flow: HashFlow;
  start(): void;
  refuse(): void;
}

/**
 * A bounded, fair queue in front of bcrypt. It runs as many hashes at once as there are cores, but never uses the whole
 * thread pool, which files, DNS and compression need too (OWASP ASVS 5.0, 15.2.2). Turns go round-robin over usernames
 * and networks, and every other turn is for known users, so that a flood does not keep others from signing in.
 */
@Injectable()
export class HashQueue {
  readonly width = Math.max(1, Math.min(availableParallelism(), poolSize() - 1));
  readonly #known = new FairLine<Turn>();
  readonly #strangers = new FairLine<Turn>();
  #strangersAreNext = false;
  #running = 0;

  constructor(@Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'hashWait' | 'hashQueue'>) {}

  /** How many wait for their turn. */
  get length(): number {
    return this.#known.size + this.#strangers.size;
  }

  /**
   * @param flow who the hash is for. Default: this application itself, whose turns follow one another
   * @throws ProblemException 503 `busy` if the turn does not come in time, or the queue is full
   */
  async run<T>(work: () => Promise<T>, flow: HashFlow = OWN_FLOW): Promise<T> {
    if (this.#running < this.width) this.#running++;
    else await this.#turn(flow);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(flow: HashFlow): Promise<void> {
    const { hashWait, hashQueue } = this.options;
    const line = flow.isKnown ? this.#known : this.#strangers;
    if (line.sizeOf(flow) >= Math.ceil(hashQueue * MAX_SHARE)) return Promise.reject(busy(hashWait));
    return new Promise((resolve, reject) => {
      const leave = () => {
        line.remove(turn);
        turn.refuse();
      };
      const timer = setTimeout(leave, Math.min(hashWait, MAX_TIMER));
      const turn: Turn = {
        flow,
        start: () => {
          clearTimeout(timer);
          resolve();
        },
        refuse: () => {
          clearTimeout(timer);
          reject(busy(hashWait));
        },
      };
      line.add(turn);
      if (line.size > hashQueue) drop(line);
    });
  }

  /** Hands the place to the next waiter, so that no newcomer overtakes those who wait. */
  #next(): void {
    const [first, second] = this.#strangersAreNext ? [this.#strangers, this.#known] : [this.#known, this.#strangers];
    const turn = first.take() ?? second.take();
    if (!turn) return void this.#running--;
    this.#strangersAreNext = turn.flow.isKnown;
    turn.start();
  }
}

function drop(line: FairLine<Turn>): void {
  const turn = line.newestOfLargest()!;
  line.remove(turn);
  turn.refuse();
}

function poolSize(): number {
  const size = Number(process.env.UV_THREADPOOL_SIZE);
  return Number.isInteger(size) && size > 0 ? size : DEFAULT_POOL;
}
