import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { FairLine } from './fair-line.js';
import { OWN_FLOW, type HashFlow } from './hash-flow.js';
import { busy } from '../auth.problems.js';

const DEFAULT_POOL = 4;
/** Of the places of a line, for one username or one network: who asks for more is answered at once, and the places of others stay free. */
const LARGEST_SHARE = 1 / 4;
const LONGEST_TIMER = 2 ** 31 - 1;

interface Turn {
  readonly flow: HashFlow;
  start(): void;
  refuse(): void;
}

/**
 * A bounded, fair queue in front of bcrypt: as many at once as there are cores, and never the whole thread pool, which files, DNS and
 * compression need too (OWASP ASVS 5.0, 15.2.2). Turns go round usernames and networks, and every other one is for known users, so that
 * nobody's flood keeps the others from signing in.
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
   * @param flow whom it is for. Default: this application itself, whose turns all go behind each other
   * @throws ProblemException 503 `busy` where the turn does not come in time, or there is no place to wait in
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
    if (line.sizeOf(flow) >= Math.ceil(hashQueue * LARGEST_SHARE)) return Promise.reject(busy(hashWait));
    return new Promise((resolve, reject) => {
      const leave = () => {
        line.remove(turn);
        turn.refuse();
      };
      const timer = setTimeout(leave, Math.min(hashWait, LONGEST_TIMER));
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

  /** Hands the place on, so that nobody who comes now overtakes those who wait. */
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
