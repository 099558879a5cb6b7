// A MongoDB of its own that fails, and what is told of it. See `specFiles`.
import './authenticated.spec.js';
import './health.spec.js';
import './outage.spec.js';
