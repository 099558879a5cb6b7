// How sessions of users end. See `specFiles`.
import './epochs.spec.js';
import './ending-all.spec.js';
import './pending-ends.spec.js';
import './end-sessions.spec.js';
import './my-sessions.spec.js';
import './former-secret.spec.js';
import './sockets.spec.js';
