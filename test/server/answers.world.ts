// What the built server answers, however it is configured, from processes that run one server after another. See `specFiles` and
// `runInHost`.
import './audit-trail.spec.js';
import './auth-routes.spec.js';
import './client-address.spec.js';
import './every-page.spec.js';
import './every-route.spec.js';
import './openapi.spec.js';
import './pathways.spec.js';
import './problems.spec.js';
import './rights-page.spec.js';
import './routes.spec.js';
import './security-headers.spec.js';
import './sign-out.spec.js';
