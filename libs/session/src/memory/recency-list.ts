import type { SessionRecord } from '../storage/session-record.js';

/** A session's place in a `RecencyList`. */
export interface SessionNode {
  record: SessionRecord;
  bytes: number;
  /** Of the data alone. */
  dataBytes: number;
  older: SessionNode | null;
  newer: SessionNode | null;
}

/**
 * Sessions in the order of their last use, and the bytes of their data. A linked list with one small node for each
 * session.
 */
export class RecencyList {
  #oldest: SessionNode | null = null;
  #newest: SessionNode | null = null;
  length = 0;
  dataBytes = 0;

  get oldest(): SessionNode | null {
    return this.#oldest;
  }

  append(node: SessionNode): void {
    node.older = this.#newest;
    node.newer = null;
    if (this.#newest) this.#newest.newer = node;
    else this.#oldest = node;
    this.#newest = node;
    this.length++;
    this.dataBytes += node.dataBytes;
  }

  remove(node: SessionNode): void {
    if (node.older) node.older.newer = node.newer;
    else this.#oldest = node.newer;
    if (node.newer) node.newer.older = node.older;
    else this.#newest = node.older;
    this.length--;
    this.dataBytes -= node.dataBytes;
  }

  use(node: SessionNode): void {
    if (node === this.#newest) return;
    this.remove(node);
    this.append(node);
  }
}
