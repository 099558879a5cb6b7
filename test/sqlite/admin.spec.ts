import { adminJobsContract } from 'nest-gatehouse/testing';
import { adminHarness } from './support/harnesses.js';

adminJobsContract('SQLite', adminHarness());
