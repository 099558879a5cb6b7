import { setTimeout as pause } from 'node:timers/promises';

/** A promise that a test resolves when its time has come. */
export class Latch<T = void> {
  readonly opened: Promise<T>;
  open!: (value: T) => void;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}

const DEADLINE = 60_000;
const LONGEST_PAUSE = 50;

const SHORTEST_PAUSE = 2;

/**
 * Waits until the condition holds. What this process knows is looked at all the time, so that a moment that passes is
 * seen; what has to be asked for, such as by a request, more and more rarely.
 * @param deadline in milliseconds
 * @throws Error that names it if that never happens
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadline = DEADLINE,
): Promise<void> {
  const last = Date.now() + deadline;
  let delay = SHORTEST_PAUSE;
  for (;;) {
    const found = condition();
    if (await found) return;
    if (Date.now() > last) throw new Error(`It never came to this: ${what}`);
    await pause(delay);
    if (typeof found !== 'boolean') delay = Math.min(1.5 * delay, LONGEST_PAUSE);
  }
}
