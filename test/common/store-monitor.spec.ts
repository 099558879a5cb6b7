import { describe, expect, it } from '@jest/globals';
import { BadCursorError, outcomeOf, StoreCalls, StoreMonitor, type StoreOutcome } from 'nest-gatehouse/common';

type Seen = [operation: string, outcome: StoreOutcome, milliseconds: number];

function watchedCalls(deadline = 20_000) {
  const monitor = new StoreMonitor();
  const seen: Seen[] = [];
  const stop = monitor.onOperation((...args) => void seen.push(args));
  return { calls: new StoreCalls(deadline, () => undefined, undefined, monitor), monitor, seen, stop };
}

class Taken extends Error {}

describe('The monitor of all stores', () => {
  it('sees each operation once, with its outcome, whether it answers at once or later', async () => {
    const { calls, seen } = watchedCalls();
    expect(calls.ask('now', () => 1)).toBe(1);
    await expect(calls.ask('later', () => Promise.resolve(2))).resolves.toBe(2);
    const broken = () => {
      throw new Error('disk');
    };
    expect(() => calls.ask('broken now', broken)).toThrow('does not answer');
    await expect(calls.ask('broken later', () => Promise.reject(new Error('disk')))).rejects.toThrow('does not answer');
    await expect(calls.askFor('taken', () => Promise.reject(new Taken()), [Taken])).rejects.toThrow(Taken);
    await expect(calls.ask('cursor', () => Promise.reject(new BadCursorError()))).rejects.toThrow(BadCursorError);
    expect(seen.map(([operation, outcome]) => [operation, outcome])).toEqual([
      ['now', 'ok'],
      ['later', 'ok'],
      ['broken now', 'failed'],
      ['broken later', 'failed'],
      ['taken', 'refused'],
      ['cursor', 'refused'],
    ]);
    expect(seen.every(([, , milliseconds]) => milliseconds >= 0 && milliseconds < 60_000)).toBe(true);
  });

  it('tells one that is late from one that fails, and how long it took', async () => {
    const { calls, seen } = watchedCalls(30);
    await expect(calls.ask('slow', () => new Promise<void>(() => undefined))).rejects.toThrow('does not answer');
    expect(seen.map(([operation, outcome]) => [operation, outcome])).toEqual([['slow', 'timeout']]);
    expect(seen[0]![2]).toBeGreaterThan(25);
  });

  it('runs operations inside the wrapper, which sees what the caller sees', async () => {
    const { calls, monitor, seen } = watchedCalls();
    const inside: unknown[] = [];
    monitor.wrapIn((operation, run) => {
      try {
        const answer = run();
        inside.push([operation, answer]);
        return answer;
      } catch (error) {
        inside.push([operation, outcomeOf(error)]);
        throw error;
      }
    });
    void calls.ask('now', () => 1);
    expect(() =>
      calls.ask('broken', () => {
        throw new Error('disk');
      }),
    ).toThrow('does not answer');
    expect(inside).toEqual([
      ['now', 1],
      ['broken', 'failed'],
    ]);
    expect(seen).toHaveLength(2);
  });

  it('is asked nothing once nobody observes', () => {
    const { calls, monitor, seen, stop } = watchedCalls();
    expect(monitor.isObserved).toBe(true);
    stop();
    expect(monitor.isObserved).toBe(false);
    void calls.ask('now', () => 1);
    expect(seen).toEqual([]);
    monitor.wrapIn((_operation, run) => run());
    expect(monitor.isObserved).toBe(true);
    monitor.wrapIn(null);
    expect(monitor.isObserved).toBe(false);
  });
});
