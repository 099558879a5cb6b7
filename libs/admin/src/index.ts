export { AdminModule, type AdminModuleSetup } from './admin.module.js';
export { MemoryAdminJobs } from './memory/memory-admin-jobs.js';
export { MemoryAdminStorageModule } from './memory/memory-admin-storage.module.js';
export {
  AccountsService,
  type AccountChanges,
  type AccountList,
  type CreatedAccount,
} from './accounts/accounts.service.js';
export type { AccountDetails, AccountView } from './accounts/account-views.js';
export { PersonalData, type PersonalDataSubject } from './accounts/personal-data.js';
export { AuditSearch, type AuditView, type AuditViewList } from './audit/audit-search.service.js';
export { JobSweeper } from './ending/job.sweeper.js';
export { ConsoleFrame } from './console/console-frame.js';
export { PolicySource, type PolicyItem } from './policy/policy-source.js';
export { SessionDetailsService, type SessionDetails } from './sessions/session-details.service.js';
export { SessionLists, type SessionViewList } from './sessions/session-list.service.js';
export type { SessionState, SessionView } from './sessions/session-views.js';
export type { TimelineEvent } from './sessions/timeline.js';
export { LatencyWindow } from './figures/latency-window.js';
export { Tallies, Tally } from './figures/tally.js';
export { LiveStreams, type StreamTarget } from './live/live-streams.js';
export { ADMIN_DEFAULTS, type AdminModuleOptions } from './admin.options.js';
