// The suites of authentication and administration about what a store does while others act, on MongoDB. See `specFiles` and
// `onEveryPlatform`.
import '../auth/slow-sign-in.spec.js';
import '../auth/parallel-sign-in.spec.js';
import '../auth/epochs.spec.js';
import '../auth/ending-all.spec.js';
import '../auth/pending-ends.spec.js';
import '../auth/former-secret.spec.js';
import '../auth/audit-shutdown.spec.js';
import '../auth/well-formed.spec.js';
import '../admin/ending.spec.js';
import '../admin/users.spec.js';
