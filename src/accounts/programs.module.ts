import type { DynamicModule } from '@nestjs/common';
import { SessmanModule } from 'nest-gatehouse/sessman';
import { ApiKeyOwnersModule } from '../accounts/api-key-owners.module.js';
import { sessmanOptions } from '../config/sessman-options.js';
import type { Configuration } from '../config/settings.js';

/** Sessions for other programs, with API keys that accounts may own. */
export function programsModule(configuration: Configuration): DynamicModule {
  return SessmanModule.forRoot({ ...sessmanOptions(configuration), imports: [ApiKeyOwnersModule] });
}
