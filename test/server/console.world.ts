// The console in a browser. See `specFiles`.
import './console/pages.spec.js';
import './console/walks.spec.js';
import './console/without-optional.spec.js';
