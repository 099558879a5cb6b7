const SLOT_LENGTH = 15_000;
const LEAST_TO_REBUILD = 4_096;

/**
 * Which sessions may be over by when, so that a sweep looks at these alone. Entries are notes, not truth: a session that was touched
 * stays noted under its old end until that comes, and is then noted anew; one that has gone is dropped there.
 */
export class ExpiryCalendar {
  #slots = new Map<number, string[]>();
  #notes = 0;
  /** No slot before this one has notes. */
  #first = Number.POSITIVE_INFINITY;

  note(handle: string, expiresAt: number): void {
    const slot = slotOf(expiresAt);
    const handles = this.#slots.get(slot);
    if (handles) handles.push(handle);
    else this.#slots.set(slot, [handle]);
    this.#notes++;
    this.#first = Math.min(this.#first, slot);
  }

  /** An end that moves out needs no note until the old one has come. */
  noteChange(handle: string, before: number, after: number): void {
    if (slotOf(after) < slotOf(before)) this.note(handle, after);
  }

  /** Whether so many notes are of sessions that have gone that it should be filled anew. */
  isStale(sessions: number): boolean {
    return this.#notes > LEAST_TO_REBUILD && this.#notes > 2 * sessions;
  }

  clear(): void {
    this.#slots = new Map();
    this.#notes = 0;
    this.#first = Number.POSITIVE_INFINITY;
  }

  /**
   * Takes out at most `limit` sessions that are over.
   * @param endOf when the session is over as things are now, null if it has gone
   */
  takeOver(now: number, limit: number, endOf: (handle: string) => number | null): string[] {
    const over: string[] = [];
    const live: [string, number][] = [];
    const last = slotOf(now);
    for (; this.#first <= last && over.length < limit; this.#first++) {
      const handles = this.#slots.get(this.#first);
      if (!handles) continue;
      while (handles.length > 0 && over.length < limit) {
        const handle = handles.pop()!;
        this.#notes--;
        const end = endOf(handle);
        if (end === null) continue;
        if (end <= now) over.push(handle);
        else live.push([handle, end]);
      }
      if (handles.length > 0) break;
      this.#slots.delete(this.#first);
    }
    for (const [handle, end] of live) this.note(handle, end);
    return over;
  }
}

function slotOf(time: number): number {
  return Math.floor(time / SLOT_LENGTH);
}
