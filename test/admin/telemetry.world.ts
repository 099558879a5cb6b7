// The administrator's figures. See `specFiles`.
import './figures.spec.js';
import './metrics.spec.js';
import './metrics-port.spec.js';
import './stats.spec.js';
import './live.spec.js';
