import { branchesOf, type HashFlow } from './hash-flow.js';

export interface Waiter {
  readonly flow: HashFlow;
}

/**
 * A node of the tree: an address block, or a network at a tip. Sets and maps keep the order of insertion, so their
 * first element is the next.
 */
class Branch<W> {
  readonly branches = new Map<string, Branch<W>>();
  /** At a tip only, in the order of arrival. */
  readonly waiters = new Set<W>();
  /** What may be served next: branches, or waiters at a tip. */
  readonly ready = new Set<Branch<W> | W>();
  /** How many wait in this branch and below. */
  size = 0;

  constructor(
    readonly parent: Branch<W> | null,
    readonly name: string,
  ) {}

  branch(name: string): Branch<W> {
    let branch = this.branches.get(name);
    if (!branch) this.branches.set(name, (branch = new Branch(this, name)));
    return branch;
  }
}

/**
 * A waiting line that is fair in two ways. Of each username only the first waiter may be served; the next one follows
 * when that one is gone. Among these, turns go round-robin over the networks, block by block: at every branch each
 * child gets one turn before the first of them gets another, however many wait below it.
 */
export class FairLine<W extends Waiter> {
  readonly #root = new Branch<W>(null, '');
  readonly #tips = new Map<W, Branch<W>>();
  readonly #usernames = new Map<string, Set<W>>();

  get size(): number {
    return this.#tips.size;
  }

  add(waiter: W): void {
    let tip = this.#root;
    for (const name of branchesOf(waiter.flow)) tip = tip.branch(name);
    this.#tips.set(waiter, tip);
    tip.waiters.add(waiter);
    for (const branch of upwards(tip)) branch.size++;
    const { username } = waiter.flow;
    const same = this.#usernames.get(username);
    if (same) return void same.add(waiter);
    this.#usernames.set(username, new Set([waiter]));
    markReady(tip, waiter);
  }

  /** Removes and returns the one whose turn it is. */
  take(): W | undefined {
    let next: Branch<W> | W = this.#root;
    while (next instanceof Branch) {
      const [first]: Set<Branch<W> | W> = next.ready;
      if (first === undefined) return undefined;
      // Moved to the end: round-robin.
      next.ready.delete(first);
      next.ready.add(first);
      next = first;
    }
    this.remove(next);
    return next;
  }

  remove(waiter: W): void {
    const tip = this.#tips.get(waiter);
    if (!tip) return;
    this.#tips.delete(waiter);
    unmarkReady(tip, waiter);
    tip.waiters.delete(waiter);
    for (const branch of upwards(tip)) {
      branch.size--;
      if (branch.size === 0) branch.parent?.branches.delete(branch.name);
    }
    this.#forget(waiter);
  }

  /** How many wait for the flow's username, or in its network, whichever is more. */
  sizeOf(flow: HashFlow): number {
    let tip: Branch<W> | undefined = this.#root;
    for (const name of branchesOf(flow)) tip = tip?.branches.get(name);
    return Math.max(tip?.size ?? 0, this.#usernames.get(flow.username)?.size ?? 0);
  }

  /**
   * Who must leave if the line is full: the newest waiter of the username with the most, or of the largest network in
   * the largest block.
   */
  newestOfLargest(): W | undefined {
    let tip = this.#root;
    while (tip.branches.size > 0) tip = largest(tip.branches.values());
    const username = largest(this.#usernames.values());
    return [...(username.size > tip.size ? username : tip.waiters)].at(-1);
  }

  #forget(waiter: W): void {
    const { username } = waiter.flow;
    const same = this.#usernames.get(username)!;
    const [first] = same;
    same.delete(waiter);
    const [next] = same;
    if (next === undefined) this.#usernames.delete(username);
    else if (first === waiter) markReady(this.#tips.get(next)!, next);
  }
}

function* upwards<W>(tip: Branch<W>): Generator<Branch<W>> {
  for (let branch: Branch<W> | null = tip; branch; branch = branch.parent) yield branch;
}

function markReady<W>(tip: Branch<W>, waiter: W): void {
  let item: Branch<W> | W = waiter;
  for (const branch of upwards(tip)) {
    const wasReady = branch.ready.size > 0;
    branch.ready.add(item);
    if (wasReady) return;
    item = branch;
  }
}

function unmarkReady<W>(tip: Branch<W>, waiter: W): void {
  let item: Branch<W> | W = waiter;
  for (const branch of upwards(tip)) {
    branch.ready.delete(item);
    if (branch.ready.size > 0) return;
    item = branch;
  }
}

/** Of two equal ones the later, so that the one who came first keeps the place. */
function largest<T extends { readonly size: number }>(all: Iterable<T>): T {
  return [...all].reduce((most, one) => (one.size >= most.size ? one : most));
}
