import {
  auditLogContract,
  loginAttemptsContract,
  pendingEndsContract,
  userStoreContract,
} from 'nest-gatehouse/testing';
import { authHarness } from './support/harnesses.js';

const sqlite = authHarness();

userStoreContract('SQLite', sqlite);
loginAttemptsContract('SQLite', sqlite);
auditLogContract('SQLite', sqlite);
pendingEndsContract('SQLite', sqlite);
