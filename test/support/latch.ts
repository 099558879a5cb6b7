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

/** Waits until the condition holds: looks often at first and then more rarely, since each look may be a request to a server. @param deadline in milliseconds. @throws Error that names it if that never happens */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadline = DEADLINE,
): Promise<void> {
  const last = Date.now() + deadline;
  for (let delay = 2; !(await condition()); delay = Math.min(1.5 * delay, LONGEST_PAUSE)) {
    if (Date.now() > last) throw new Error(`It never came to this: ${what}`);
    await pause(delay);
  }
}
