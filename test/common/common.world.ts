// The common ground. See `specFiles`.
import './base-path.spec.js';
import './client-address.spec.js';
import './client.spec.js';
import './shared-check.spec.js';
import './store-monitor.spec.js';
