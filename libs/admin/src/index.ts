export { AdminModule, type AdminModuleSetup } from './admin.module.js';
export { MemoryAdminJobs } from './memory/memory-admin-jobs.js';
export { MemoryAdminStorageModule } from './memory/memory-admin-storage.module.js';
export { LatencyWindow } from './figures/latency-window.js';
export { Tallies, Tally } from './figures/tally.js';
export { LiveStreams, type StreamTarget } from './live/live-streams.js';
export { HitsSource, type RouteHits } from './metrics/hits-source.js';
export { ADMIN_DEFAULTS, type AdminModuleOptions } from './admin.options.js';
