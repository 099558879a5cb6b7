import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import {
  type Duration,
  duration,
  fromForRoot,
  moduleCheck,
  needs,
  optionsObject,
  parseOptions,
} from 'nest-gatehouse/common';
import { IdempotencySweeper } from './idempotency/idempotency.sweeper.js';
import { ApiKeyEventRelay, ApiKeyEvents } from './keys/api-key.events.js';
import { ApiKeys } from './keys/api-keys.service.js';
import { LastUse } from './keys/last-use.js';
import { sessmanStorageProvider } from './sessman-storage.provider.js';
import { SessmanStorage } from './storage/sessman-storage.js';

export interface ApiKeysModuleOptions {
  /** How long one operation of the stores may take before it counts as failed. Default `'2s'`. */
  storeDeadline?: Duration;
  /** Modules that export `ApiKeyOwners`, `ApiKeyStore` or `IdempotencyStore` of the application. Default none. */
  imports?: ModuleMetadata['imports'];
}

const options = optionsObject({ storeDeadline: duration.prefault('2s') });

/**
 * API keys without any route, for the whole application: their store, the service that issues and checks them, and
 * their events. Needs `SessionModule`. Keeps them in the storage module that the application imports, else in memory,
 * which is refused in production. `SessmanModule` brings it.
 */
@Module({
  providers: [
    moduleCheck(() => ApiKeysModule, 'SessmanModule.forRoot() brings it already.'),
    ...fromForRoot('ApiKeysModule', ApiKeys),
  ],
  exports: [ApiKeys],
})
export class ApiKeysModule {
  /** @throws OptionsError */
  static forRoot({ imports = [], ...given }: ApiKeysModuleOptions = {}): DynamicModule {
    const { storeDeadline } = parseOptions('ApiKeysModule', options, given);
    return {
      module: ApiKeysModule,
      global: true,
      imports,
      providers: [
        needs('ApiKeysModule', 'SessionModule'),
        sessmanStorageProvider(storeDeadline),
        ApiKeyEvents,
        ApiKeyEventRelay,
        ApiKeys,
        LastUse,
        IdempotencySweeper,
      ],
      exports: [SessmanStorage, ApiKeyEvents, ApiKeys, IdempotencySweeper],
    };
  }
}
