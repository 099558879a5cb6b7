/** Why `within` has given up by itself. */
export const TIME_IS_UP = new Error('time is up');

const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * What `work` resolves to, unless a signal aborts or the time is up before: then it rejects at once, whether or not
 * the work obeys the signal that it is given.
 * @throws TIME_IS_UP, or the reason of the signal
 */
export function within<R>(
  milliseconds: number,
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const release = () => {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', check);
    };
    const stop = (reason: unknown) => {
      release();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason may be anything
      reject(reason);
      controller.abort(reason);
    };
    const check = () => {
      const aborted = signals.find((signal) => signal?.aborted);
      if (aborted) stop(aborted.reason);
      return aborted;
    };
    const timer = setTimeout(() => stop(TIME_IS_UP), Math.min(milliseconds, LONGEST_TIMER));
    if (check()) return;
    for (const signal of signals) signal?.addEventListener('abort', check);
    work(controller.signal).then(resolve, reject).finally(release);
  });
}

/** @throws the reason of the signal that aborts */
export async function pause(milliseconds: number, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  try {
    await within(milliseconds, signals, () => new Promise(() => undefined));
  } catch (error) {
    if (error !== TIME_IS_UP) throw error;
  }
}
