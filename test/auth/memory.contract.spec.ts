import { MemoryAuditLog, MemoryLoginAttempts, MemoryPendingEnds, MemoryUserStore } from 'nest-gatehouse/auth';
import {
  auditLogContract,
  loginAttemptsContract,
  pendingEndsContract,
  userStoreContract,
} from 'nest-gatehouse/testing';
import { FakeClock } from '../support/fake-clock.js';

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
