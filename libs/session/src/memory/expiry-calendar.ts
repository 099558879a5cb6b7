const SLOT_LENGTH = 15_000;
const MIN_TO_REBUILD = 4_096;

/**
 * Notes when sessions may have expired, so that a sweep looks at these only. A note may be outdated: a touched session
 * stays under its old end until that comes and is then noted again; a removed one is dropped then.
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

  /** A later end needs no new note until the old one has come. */
  noteChange(handle: string, before: number, after: number): void {
    if (slotOf(after) < slotOf(before)) this.note(handle, after);
  }

  /** Whether so many notes belong to removed sessions that the calendar should be refilled. */
  isStale(sessions: number): boolean {
    return this.#notes > MIN_TO_REBUILD && this.#notes > 2 * sessions;
  }

  clear(): void {
    this.#slots = new Map();
    this.#notes = 0;
    this.#first = Number.POSITIVE_INFINITY;
  }

  /**
   * Takes out at most `limit` expired or revoked sessions.
   * @param endOf when the session expires as of now, null if it was removed
   */
  takeExpired(now: number, limit: number, endOf: (handle: string) => number | null): string[] {
    const expired: string[] = [];
    const live: [string, number][] = [];
    const last = slotOf(now);
    for (; this.#first <= last && expired.length < limit; this.#first++) {
      const handles = this.#slots.get(this.#first);
      if (!handles) continue;
      while (handles.length > 0 && expired.length < limit) {
        const handle = handles.pop()!;
        this.#notes--;
        const end = endOf(handle);
        if (end === null) continue;
        if (end <= now) expired.push(handle);
        else live.push([handle, end]);
      }
      if (handles.length > 0) break;
      this.#slots.delete(this.#first);
    }
    for (const [handle, end] of live) this.note(handle, end);
    return expired;
  }
}

function slotOf(time: number): number {
  return Math.floor(time / SLOT_LENGTH);
}
