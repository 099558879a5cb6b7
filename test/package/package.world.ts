// What is read of the sources. See `specFiles`.
import './architecture.spec.js';
import './assets.spec.js';
import './audit-page.spec.js';
import './data-page.spec.js';
import './exports.spec.js';
import './light-entries.spec.js';
import './lockfile.spec.js';
import './scripts.spec.js';
import './security-page.spec.js';
import './doctor-page.spec.js';
import './types.spec.js';
