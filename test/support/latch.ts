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

/** Waits until the condition holds. @param deadline in milliseconds. @throws Error that names it if that never happens */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadline = DEADLINE,
): Promise<void> {
  const last = Date.now() + deadline;
  while (!(await condition())) {
    if (Date.now() > last) throw new Error(`It never came to this: ${what}`);
    await pause(2);
  }
}
