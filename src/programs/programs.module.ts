import { Module, type DynamicModule } from '@nestjs/common';
import { ApiKeyOwners, SessmanModule } from 'nest-gatehouse/sessman';
import { sessmanOptions } from '../config/sessman-options.js';
import type { Configuration } from '../config/settings.js';
import { AccountKeyOwners } from './account-key-owners.js';

@Module({ providers: [{ provide: ApiKeyOwners, useClass: AccountKeyOwners }], exports: [ApiKeyOwners] })
class KeyOwnersModule {}

/** Sessions for other programs, with API keys that accounts may own. */
export function programsModule(configuration: Configuration): DynamicModule {
  return SessmanModule.forRoot({ ...sessmanOptions(configuration), imports: [KeyOwnersModule] });
}
