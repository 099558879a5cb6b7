import { MemoryAuditLog, MemoryLoginAttempts, MemoryUserStore } from 'nest-gatehouse/auth';
import { auditLogContract, loginAttemptsContract, userStoreContract } from 'nest-gatehouse/testing';
import { FakeClock } from '../support/fake-clock.js';

const memory = {
  async open() {
    const clock = new FakeClock();
    return {
      users: new MemoryUserStore(),
      attempts: new MemoryLoginAttempts(clock),
      audit: new MemoryAuditLog(),
      now: () => clock.now(),
      elapse: async (milliseconds: number) => clock.advance(milliseconds),
      close: async () => {},
    };
  },
};

userStoreContract('memory', memory);
loginAttemptsContract('memory', memory);
auditLogContract('memory', memory);
