// The suites of authentication whose behaviour depends on what a store does, on MongoDB. See `specFiles`.
import '../auth/login.spec.js';
import '../auth/slow-sign-in.spec.js';
import '../auth/parallel-sign-in.spec.js';
import '../auth/guessing.spec.js';
import '../auth/epochs.spec.js';
import '../auth/ending-all.spec.js';
import '../auth/pending-ends.spec.js';
import '../auth/end-sessions.spec.js';
import '../auth/my-sessions.spec.js';
import '../auth/former-secret.spec.js';
import '../auth/password-change.spec.js';
import '../auth/one-time-password.spec.js';
import '../auth/users.spec.js';
import '../auth/audit-caps.spec.js';
import '../auth/audit-operations.spec.js';
import '../auth/audit-shutdown.spec.js';
import '../auth/well-formed.spec.js';
