import { Module, type DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Clock } from 'nest-gatehouse/common';
import {
  ApiKeyEvents,
  ApiKeyOwners,
  ApiKeys,
  ApiKeysModule,
  MemorySessmanStorageModule,
  type ApiKeyEventMap,
} from 'nest-gatehouse/sessman';
import { ApiKeyStore } from 'nest-gatehouse/sessman/storage';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { FakeClock } from '../../support/apps/fake-clock.js';

/** Accounts of an application, by name. */
export class Owners extends ApiKeyOwners {
  readonly accounts = new Map<string, { id: string; active: boolean }>();
  readonly asked: string[] = [];

  override find(username: string): { id: string } | null {
    return this.accounts.get(username) ?? null;
  }

  override isActive(id: string): boolean {
    this.asked.push(id);
    return [...this.accounts.values()].some((account) => account.id === id && account.active);
  }

  override name(id: string): string | null {
    return [...this.accounts].find(([, account]) => account.id === id)?.[0] ?? null;
  }
}

@Module({})
class OwnersModule {
  static with(owners: ApiKeyOwners): DynamicModule {
    const provider = { provide: ApiKeyOwners, useValue: owners };
    return { module: OwnersModule, providers: [provider], exports: [ApiKeyOwners] };
  }
}

export interface ApiKeysApp {
  readonly keys: ApiKeys;
  readonly store: ApiKeyStore;
  readonly clock: FakeClock;
  /** What was emitted, in order. */
  readonly events: readonly (readonly [keyof ApiKeyEventMap, unknown])[];
  readonly module: TestingModule;
}

/** API keys in memory, as an application has them. @param owners its accounts, if it has any */
export async function openApiKeys(owners?: ApiKeyOwners): Promise<ApiKeysApp> {
  const clock = new FakeClock();
  const module = await Test.createTestingModule({
    imports: [
      MemoryStorageModule.forRoot(),
      MemorySessmanStorageModule.forRoot(),
      SessionModule.forRoot(),
      ApiKeysModule.forRoot({ imports: owners ? [OwnersModule.with(owners)] : [] }),
    ],
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  const events: [keyof ApiKeyEventMap, unknown][] = [];
  const emitter = module.get(ApiKeyEvents);
  for (const name of ['api_key.created', 'api_key.rotated', 'api_key.revoked', 'api_key.refused'] as const) {
    emitter.on(name, (event) => void events.push([name, event]));
  }
  return { keys: module.get(ApiKeys), store: module.get(ApiKeyStore), clock, events, module };
}
