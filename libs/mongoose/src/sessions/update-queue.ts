import type { SessionUpdate, UpdateOutcome } from 'nest-gatehouse/session/storage';
import { beforeDeadline } from '../database/before-deadline.js';

/** What one update of several has come to: an outcome, or why it alone has failed. */
export type UpdateResult = PromiseSettledResult<UpdateOutcome>;

export interface UpdateWork {
  /** Makes one update. */
  readonly one: (handle: string, update: SessionUpdate) => Promise<UpdateOutcome>;
  /** Makes several, in order, as if one by one. */
  readonly together: (handle: string, updates: readonly SessionUpdate[]) => Promise<readonly UpdateResult[]>;
}

interface Waiting {
  readonly update: SessionUpdate;
  readonly settle: (result: UpdateResult) => void;
  /** Aborted once nobody waits for it any more. */
  readonly signal: AbortSignal;
}

// So that the merge of one batch blocks the event loop for a few milliseconds at most.
const MAX_TOGETHER = 128;

/**
 * The updates of each session one after another. MongoDB makes concurrent updates of one document wait for each other,
 * and each tries again and again; here those that have arrived during an update are made together by the next one.
 */
export class UpdateQueue {
  /** What waits behind the update under way. */
  readonly #waiting = new Map<string, Waiting[]>();

  /** @param deadline milliseconds that one update may take, including the wait */
  constructor(
    private readonly deadline: number,
    private readonly work: UpdateWork,
  ) {}

  /** Resolves once the update itself is made. @throws StoreUnavailableError */
  async add(handle: string, update: SessionUpdate): Promise<UpdateOutcome> {
    const waiting = this.#waiting.get(handle);
    if (waiting) return this.#wait(waiting, update);
    this.#waiting.set(handle, []);
    try {
      return await this.work.one(handle, update);
    } finally {
      void this.#goOn(handle);
    }
  }

  #wait(waiting: Waiting[], update: SessionUpdate): Promise<UpdateOutcome> {
    return beforeDeadline(this.deadline, (signal) => {
      return new Promise((resolve, reject) => {
        const settle = (result: UpdateResult) =>
          result.status === 'fulfilled' ? resolve(result.value) : reject(result.reason as Error);
        waiting.push({ update, settle, signal });
      });
    });
  }

  /** Never rejects. */
  async #goOn(handle: string): Promise<void> {
    const waiting = this.#waiting.get(handle)!;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_TOGETHER).filter(({ signal }) => !signal.aborted);
      const results = await this.#make(
        handle,
        batch.map(({ update }) => update),
      );
      batch.forEach(({ settle }, at) => settle(results[at]!));
    }
    this.#waiting.delete(handle);
  }

  async #make(handle: string, updates: readonly SessionUpdate[]): Promise<readonly UpdateResult[]> {
    const [first, ...others] = updates;
    if (first === undefined) return [];
    if (others.length === 0) return Promise.allSettled([this.work.one(handle, first)]);
    try {
      return await this.work.together(handle, updates);
    } catch (reason) {
      return updates.map(() => ({ status: 'rejected', reason }));
    }
  }
}
