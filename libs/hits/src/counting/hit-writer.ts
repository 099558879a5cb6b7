import { setImmediate } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock, Randomness } from 'nest-gatehouse/common';
import type { ResolvedHitsOptions } from '../hits.options.js';
import { HITS_OPTIONS } from '../hits.tokens.js';
import type { HitBatch, HitCounts } from '../storage/hit-records.js';
import { HitStorage } from '../storage/hit-storage.js';
import { sumCounts } from '../storage/sums.js';
import { HitBuffer } from './hit-buffer.js';
import { Turns } from './turns.js';

const WRITER_BYTES = 9;
/** Turns of the event loop until whoever listens knows that a connection is closed. */
const TURNS_OF_A_CLOSE = 2;
/** In intervals. */
const MAX_PAUSE = 16;

/**
 * Writes what was counted, one batch after another. A batch that failed may have arrived all the same; it is sent again
 * as it was, under its number, and the store adds it once. What is counted meanwhile waits for the next.
 */
@Injectable()
export class HitWriter implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly buffer: HitBuffer;
  readonly #logger = new Logger('Hits');
  readonly #turns = new Turns();
  readonly #writer: string;
  #number = 0;
  #timer: NodeJS.Timeout | undefined;
  #next: Promise<void> | undefined;
  /** Sent, but not confirmed. */
  #pending: HitBatch | null = null;
  /** How often it has failed since it was well. */
  #failures = 0;
  /** Intervals to let pass before it is tried again: twice as many each time. */
  #pause = 0;

  constructor(
    @Inject(HITS_OPTIONS) private readonly options: ResolvedHitsOptions,
    private readonly storage: HitStorage,
    private readonly clock: Clock,
    randomness: Randomness,
  ) {
    this.buffer = new HitBuffer(options);
    this.#writer = randomness.bytes(WRITER_BYTES).toString('base64url');
  }

  /** Whether the last batch could not be written: nobody should wait for the next. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.#atInterval(), this.options.flushInterval).unref();
  }

  /** While every store is still open, whatever the order in which the application's modules are shut down. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.tryToFlush();
  }

  /** Once more, for the requests that were still under way, and those whose connections have just been closed. */
  async onApplicationShutdown(): Promise<void> {
    for (let turn = 0; turn < TURNS_OF_A_CLOSE; turn++) await setImmediate();
    clearInterval(this.#timer);
    await this.tryToFlush();
    const { people, bots } = this.unwritten;
    if (people + bots > 0)
      this.#logger.error(`${people + bots} hits could not be written before the end, and are lost`);
  }

  /** Writes all that has been counted until now. @throws ProblemException 503 `store_unavailable` */
  flush(): Promise<void> {
    if (this.buffer.isEmpty && this.#pending === null && this.#next === undefined) return Promise.resolve();
    this.#next ??= this.#turns.write(() => {
      this.#next = undefined;
      return this.#write();
    });
    return this.#next;
  }

  /** Never rejects. */
  async tryToFlush(): Promise<void> {
    try {
      await this.flush();
    } catch {
      // Counted and logged by `#write`; it is tried again at the next interval.
    }
  }

  /** Runs `read` while nothing is being written, so that no hit is both in the store and unwritten. */
  read<T>(read: () => Promise<T>): Promise<T> {
    return this.#turns.read(read);
  }

  get unwritten(): HitCounts {
    return sumCounts([this.buffer.counts, ...(this.#pending?.hours ?? [])]);
  }

  unwrittenOf(handle: string): number {
    const sent = this.#pending?.sessions.find((each) => each.handle === handle)?.hits ?? 0;
    return sent + this.buffer.ofSession(handle);
  }

  #atInterval(): void {
    if (this.#pause > 0) this.#pause--;
    else void this.tryToFlush();
  }

  async #write(): Promise<void> {
    try {
      if (this.#pending !== null) await this.#send(this.#pending);
      const counted = this.buffer.take();
      if (counted === null) return;
      const { options } = this;
      this.#pending = {
        writer: this.#writer,
        number: ++this.#number,
        at: this.clock.now(),
        ...counted,
        limits: options,
      };
      await this.#send(this.#pending);
    } catch (error) {
      if (!this.isFailing) this.#logger.warn('Hits cannot be written; they are kept in memory until they can be');
      this.#failures++;
      this.#pause = Math.min(2 ** this.#failures, MAX_PAUSE);
      throw error;
    }
    if (this.isFailing) this.#logger.log('Hits are written again');
    this.#failures = 0;
    this.#pause = 0;
  }

  async #send(batch: HitBatch): Promise<void> {
    await this.storage.ask('hits.add', () => this.storage.store.add(batch));
    this.#pending = null;
  }
}
