import { Injectable } from '@nestjs/common';
import { PendingEnds, type PendingEnd } from '../storage/pending-ends.js';

/**
 * Notes that are lost with the process, like all they refer to. Every method answers synchronously, with frozen
 * records.
 */
@Injectable()
export class MemoryPendingEnds extends PendingEnds {
  readonly #ends = new Map<string, PendingEnd>();

  override add(end: PendingEnd): void {
    this.#ends.set(end.id, Object.freeze({ ...end }));
  }

  override remove(id: string): void {
    this.#ends.delete(id);
  }

  override begunBy(time: number, limit: number): readonly PendingEnd[] {
    const found = [...this.#ends.values()].filter(({ begunAt }) => begunAt <= time);
    return found.sort((a, b) => a.begunAt - b.begunAt).slice(0, limit);
  }
}
