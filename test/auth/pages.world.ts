// What visitors send and see. See `specFiles`.
import './pages.spec.js';
import './page-routes.spec.js';
import './base-path.spec.js';
import './rights.spec.js';
import './cross-site.spec.js';
import './input.spec.js';
import './well-formed.spec.js';
import './client-data.spec.js';
import './own-user-store.spec.js';
import './deletion.spec.js';
import './passport-strategy.spec.js';
import './who.spec.js';
import './sign-in-as.spec.js';
