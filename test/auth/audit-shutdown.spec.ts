import { expect, it } from '@jest/globals';
import { AuditService, AuthEvents, AuthModule, UserService } from 'nest-gatehouse/auth';
import { type AuditEntry, AuthStorage } from 'nest-gatehouse/auth/storage';
import { SessionModule } from 'nest-gatehouse/session';
import { FakeClock, MINUTE } from '../support/apps/fake-clock.js';
import { until } from '../support/latch.js';
import { startApp } from '../support/apps/platforms.js';
import { withClock } from '../support/apps/session-app.js';
import { STORAGES } from '../support/apps/storages.js';
import type { OpenStorage } from '../support/apps/test-storage.js';
import { leftOutOf } from './support/audit-trail.js';

const ATTACKER = '198.51.100.7';

/** In either order: Nest shuts modules down by the order of their import. */
async function startOn(storage: OpenStorage, storageFirst: boolean, clock: FakeClock) {
  const own = [withClock(SessionModule.forRoot(), clock), AuthModule.forRoot({ bcryptCost: 4 })];
  const imports = storageFirst ? [...storage.imports(), ...own] : [...own, ...storage.imports()];
  const running = await startApp('express', { imports });
  const told: AuditEntry[] = [];
  running.app.get(AuthEvents).on('*', (entry) => void told.push(entry));
  return { ...running, told };
}

async function flood({ app }: Awaited<ReturnType<typeof startOn>>): Promise<void> {
  const audit = app.get(AuditService);
  await Promise.all(Array.from({ length: 50 }, () => audit.record('login.throttled', { ip: ATTACKER })));
}

for (const storage of STORAGES) {
  storage.describe(`What the audit trail has left out (${storage.name})`, () => {
    it.each([
      ['before', true],
      ['after', false],
    ])('is summed up at a shutdown, with the storage imported %s AuthModule', async (_, storageFirst) => {
      const open = await storage.open();
      try {
        const first = await startOn(open, storageFirst, new FakeClock());
        await flood(first);
        await first.close();
        const expected = `login.throttled ×20 from ${ATTACKER}`;
        expect(first.told.filter(({ type }) => type === 'entries.left_out').map(({ detail }) => detail)).toEqual([
          expected,
        ]);
        if (!storage.isShared) return;
        const second = await startOn(open, storageFirst, new FakeClock());
        const stored = await leftOutOf(second);
        await second.close();
        expect(stored).toEqual([expected]);
      } finally {
        await open.close();
      }
    });

    it('is told once the store answers again, of the store’s own failures too', async () => {
      const open = await storage.open();
      const clock = new FakeClock();
      const running = await startOn(open, true, clock);
      try {
        const { users, audit } = running.app.get(AuthStorage);
        const { findById } = users;
        users.findById = () => Promise.reject(new Error('the disk is on fire'));
        const { append } = audit;
        audit.append = () => Promise.reject(new Error('the disk is on fire'));
        for (let n = 0; n < 12; n++) await expect(running.app.get(UserService).findById('x')).rejects.toThrow();
        Object.assign(users, { findById });
        Object.assign(audit, { append });
        clock.advance(MINUTE);
        await until('the minute is summed up', async () => (await leftOutOf(running)).length > 0);
        expect(await leftOutOf(running)).toEqual(['store.failed users.find ×7']);
      } finally {
        await running.close();
        await open.close();
      }
    });
  });
}
