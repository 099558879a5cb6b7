import {
  anonymousSessionsContract,
  sessionIndexContract,
  sessionLocksContract,
  sessionStoreContract,
} from 'nest-gatehouse/testing';
import { sessionHarness } from './support/harnesses.js';

const sqlite = sessionHarness();

sessionStoreContract('SQLite', sqlite);
sessionIndexContract('SQLite', sqlite);
sessionLocksContract('SQLite', sqlite);
anonymousSessionsContract('SQLite', sqlite);
