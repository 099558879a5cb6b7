import type { AdminModuleOptions, AdminModuleSetup } from 'nest-gatehouse/admin';
import type { Configuration } from './settings.js';

export function metricsOptions(configuration: Configuration): AdminModuleOptions & AdminModuleSetup {
  return {
    metrics: configuration.METRICS,
    metricsToken: configuration.METRICS_TOKEN,
    metricsPort: configuration.METRICS_PORT,
    metricsHost: configuration.METRICS_HOST,
  };
}
