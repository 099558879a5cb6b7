import type { Outcome } from './output.js';
import type { Services } from './services.js';

/** Runs with the services of the configuration. */
export type Run = (work: (services: Services) => Promise<Outcome>) => Promise<void>;
