// The common ground, and the pages. See `specFiles`.
import './base-path.spec.js';
import './client-address.spec.js';
import './client.spec.js';
import './shared-check.spec.js';
import './store-monitor.spec.js';
import '../web/assets.spec.js';
import '../web/pages.spec.js';
