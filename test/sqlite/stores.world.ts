// Everything on SQLite in this process. See `specFiles`.
import './sqlite.contract.spec.js';
import './auth-contracts.spec.js';
import './auth-stores.spec.js';
import './query-plans.spec.js';
import './hits.spec.js';
import './sessman.spec.js';
import './admin.spec.js';
import './storage-health.spec.js';
import './session-search.spec.js';
import './record-cache.spec.js';
