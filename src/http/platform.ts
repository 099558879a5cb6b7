import type { Configuration } from '../config/settings.js';
import type { Platform, PlatformTools } from './platform-tools.js';

/** Loads only the platform that was chosen: the other one would cost a tenth of the start. */
export async function createPlatform(configuration: Configuration, tools: PlatformTools): Promise<Platform> {
  if (configuration.HTTP_ADAPTER === 'express') {
    const { createExpressPlatform } = await import('./express.platform.js');
    return createExpressPlatform(configuration, tools);
  }
  const { createFastifyPlatform } = await import('./fastify.platform.js');
  return createFastifyPlatform(configuration, tools);
}
