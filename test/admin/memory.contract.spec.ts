import { MemoryAdminJobs } from 'nest-gatehouse/admin';
import { adminJobsContract } from 'nest-gatehouse/testing';

adminJobsContract('memory', {
  open: () => Promise.resolve({ jobs: new MemoryAdminJobs(), close: () => Promise.resolve() }),
});
