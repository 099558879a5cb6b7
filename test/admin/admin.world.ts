// The administrator’s routes, figures and console. See `specFiles`.
import './figures.spec.js';
import './metrics.spec.js';
import './metrics-port.spec.js';
import './stats.spec.js';
import './live.spec.js';
import './console/access.spec.js';
import './console/lists.spec.js';
import './console/acts.spec.js';
import './console/hostile.spec.js';
import './console/places.spec.js';
import './memory.contract.spec.js';
import './sessions.spec.js';
import './ending.spec.js';
import './why.spec.js';
import './users.spec.js';
import './audit.spec.js';
