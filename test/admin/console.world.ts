// The pages of the console. See `specFiles`.
import './console/access.spec.js';
import './console/lists.spec.js';
import './console/acts.spec.js';
import './console/hostile.spec.js';
import './console/places.spec.js';
