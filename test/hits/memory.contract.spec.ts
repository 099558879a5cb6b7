import { MemoryHitStore } from 'nest-gatehouse/hits';
import { hitStoreContract } from 'nest-gatehouse/testing';
import { FakeClock } from '../support/apps/fake-clock.js';

hitStoreContract('memory', {
  async open() {
    const clock = new FakeClock();
    return { hits: new MemoryHitStore(), now: () => clock.now(), expires: true, close: async () => {} };
  },
});
