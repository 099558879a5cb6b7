import { describe, expect, it } from '@jest/globals';
import { SharedCheck } from 'nest-gatehouse/common';
import { Latch } from '../support/latch.js';

describe('SharedCheck', () => {
  it('does its work once for all who ask at a time, however long it takes', async () => {
    const latch = new Latch();
    let times = 0;
    const check = new SharedCheck(() => (times++, latch.opened), 0);
    const asked = Array.from({ length: 100 }, () => check.run());
    latch.open();
    await Promise.all(asked);
    expect(times).toBe(1);
    await check.run();
    expect(times).toBe(2);
  });

  it('answers from what it found, good or bad, until the interval is over', async () => {
    let times = 0;
    const work = () => Promise.reject(new Error(`number ${++times}`));
    const [rarely, always] = [new SharedCheck(work, Infinity), new SharedCheck(work, 0)];
    await expect(rarely.run()).rejects.toThrow('number 1');
    await expect(rarely.run()).rejects.toThrow('number 1');
    await expect(always.run()).rejects.toThrow('number 2');
    await expect(always.run()).rejects.toThrow('number 3');
  });
});
