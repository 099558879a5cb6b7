// The suites of sessions and hits about what a store does while others act, and while an answer begins, on MongoDB. See `specFiles` and
// `onEveryPlatform`.
import '../session/http/writes.spec.js';
import '../session/http/answers.spec.js';
import '../session/http/failing-store.spec.js';
import '../session/http/streams.spec.js';
import '../session/http/fence.spec.js';
import '../session/schedules.property.spec.js';
import '../session/http/instances.spec.js';
import '../session/http/cherrypy-locking.spec.js';
import '../session/http/session-ends.spec.js';
import '../session/http/anonymous-bounds.spec.js';
import '../sessman/idempotency.spec.js';
import '../hits/counting.spec.js';
import '../hits/modes.spec.js';
