// Everything on SQLite in this process; the common ground, and the pages. See `specFiles`.
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
import '../common/base-path.spec.js';
import '../common/client-address.spec.js';
import '../common/client.spec.js';
import '../common/shared-check.spec.js';
import '../common/store-monitor.spec.js';
import '../web/assets.spec.js';
import '../web/pages.spec.js';
