const AT_ONCE = 16;

/**
 * Does `work` for each item, a few at a time, and returns the results in the order of the items. If only some fail, the
 * successes are returned, because their events must be emitted; the failures will show at the next attempt.
 *
 * @throws the first failure if nothing succeeded
 */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const failures: unknown[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [position, item] of queue) {
      if (failures.length > 0) return;
      try {
        results.set(position, await work(item));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  if (failures.length > 0 && results.size === 0) throw failures[0];
  return [...results.keys()].sort((a, b) => a - b).map((position) => results.get(position)!);
}
