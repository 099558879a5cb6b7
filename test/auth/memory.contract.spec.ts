import { describe, expect, it } from '@jest/globals';
import { MemoryAuditLog, MemoryLoginAttempts, MemoryPendingEnds, MemoryUserStore } from 'nest-gatehouse/auth';
import type { AuditType } from 'nest-gatehouse/auth/storage';
import {
  auditLogContract,
  loginAttemptsContract,
  pendingEndsContract,
  userStoreContract,
} from 'nest-gatehouse/testing';
import { FakeClock } from '../support/apps/fake-clock.js';

const memory = {
  async open() {
    const clock = new FakeClock();
    return {
      users: new MemoryUserStore(),
      attempts: new MemoryLoginAttempts(clock),
      audit: new MemoryAuditLog(),
      ends: new MemoryPendingEnds(),
      now: () => clock.now(),
      elapse: async (milliseconds: number) => clock.advance(milliseconds),
      close: async () => {},
    };
  },
};

userStoreContract('memory', memory);
loginAttemptsContract('memory', memory);
auditLogContract('memory', memory);
pendingEndsContract('memory', memory);

describe('MemoryAuditLog', () => {
  it('lets the oldest go beyond its bound, and of those types that have the most', () => {
    const log = new MemoryAuditLog(100);
    const nothing = {
      actorId: null,
      userId: null,
      username: null,
      handle: null,
      ip: null,
      userAgent: null,
      detail: null,
    };
    const append = (n: number, type: AuditType) =>
      log.append({ ...nothing, id: n.toString().padStart(8, '0'), at: n, type });
    for (let n = 0; n < 20; n++) append(n, n % 2 ? 'login.ok' : 'user.disabled');
    for (let n = 20; n < 1_000; n++) append(n, 'session.refused');
    const countOf = (type?: AuditType) => log.find({ type }, { limit: 200 }).items.length;
    expect([countOf('login.ok'), countOf('user.disabled')]).toEqual([10, 10]);
    expect(countOf()).toBeLessThanOrEqual(110);
    expect(log.find({ type: 'session.refused' }, { limit: 80 }).items.map(({ at }) => at)).toEqual(
      Array.from({ length: 80 }, (_, n) => 999 - n),
    );
  });
});
