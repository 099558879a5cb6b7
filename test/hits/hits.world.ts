// Hits in this process. See `specFiles`.
import './counting.spec.js';
import './memory.contract.spec.js';
import './modes.spec.js';
import './options.spec.js';
import './range.property.spec.js';
import './requests.spec.js';
