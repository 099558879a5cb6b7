// The suites of sessions whose behaviour depends on what a store does, on MongoDB. See `specFiles`.
import '../session/http/writes.spec.js';
import '../session/http/answers.spec.js';
import '../session/http/failing-store.spec.js';
import '../session/http/streams.spec.js';
import '../session/http/fence.spec.js';
import '../session/http/instances.spec.js';
import '../session/http/cherrypy-locking.spec.js';
import '../session/http/schema.spec.js';
import '../session/http/session-values.spec.js';
import '../session/http/session-ends.spec.js';
import '../session/http/renewal.spec.js';
import '../session/http/anonymous-bounds.spec.js';
import '../sessman/idempotency.spec.js';
import '../sessman/original-client.spec.js';
import '../sessman/routes.spec.js';
