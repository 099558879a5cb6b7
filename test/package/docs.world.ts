// The documentation, and the code in it. See `specFiles`.
import './docs/code.spec.js';
import './docs/links.spec.js';
import './docs/options.spec.js';
import './docs/own-store.spec.js';
import './docs/walks.spec.js';
