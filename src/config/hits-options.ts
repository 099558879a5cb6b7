import type { HitsModuleOptions } from 'nest-gatehouse/hits';
import type { Configuration } from './settings.js';

export function hitsOptions(configuration: Configuration): HitsModuleOptions {
  return {
    mode: configuration.HITS_MODE,
    retention: configuration.HITS_RETENTION,
    dailyRetention: configuration.HITS_DAILY_RETENTION,
    storeDeadline: configuration.STORE_DEADLINE,
  };
}
