import { hitStoreContract } from 'nest-gatehouse/testing';
import { hitHarness } from './support/harnesses.js';

hitStoreContract('SQLite', hitHarness());
