/** For storages: the contract of administration. The entry `nest-gatehouse/admin/storage`. */
export { AdminJobs, type AdminJob, type AdminJobChanges } from './admin-jobs.js';
export { AdminStorage } from './admin-storage.js';
