import {
  MemoryAnonymousSessions,
  MemorySessionIndex,
  MemorySessionLocks,
  MemorySessions,
  MemorySessionStore,
} from 'nest-gatehouse/session';
import {
  anonymousSessionsContract,
  sessionIndexContract,
  sessionLocksContract,
  sessionStoreContract,
} from 'nest-gatehouse/testing';
import { FakeClock } from '../../support/apps/fake-clock.js';

const memory = {
  async open() {
    const clock = new FakeClock();
    const sessions = new MemorySessions({}, clock);
    return {
      store: new MemorySessionStore(sessions),
      index: new MemorySessionIndex(sessions),
      anonymous: new MemoryAnonymousSessions(sessions),
      locks: new MemorySessionLocks(clock),
      now: () => clock.now(),
      elapse: async (milliseconds: number) => clock.advance(milliseconds),
      close: async () => {},
    };
  },
};

sessionStoreContract('memory', memory);
sessionIndexContract('memory', memory);
sessionLocksContract('memory', memory);
anonymousSessionsContract('memory', memory);
