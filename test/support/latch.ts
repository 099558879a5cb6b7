import { setTimeout as pause } from 'node:timers/promises';

/** A promise that a test resolves when its time has come. */
export class Latch<T = void> {
  readonly opened: Promise<T>;
  open!: (value: T) => void;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}

const DEADLINE = 10_000;

/** Waits until the condition holds. @throws Error that names it if that never happens */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const last = Date.now() + DEADLINE;
  while (!(await condition())) {
    if (Date.now() > last) throw new Error(`It never came to this: ${what}`);
    await pause(2);
  }
}
