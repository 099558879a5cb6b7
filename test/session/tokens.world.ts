// What the client holds, and how long. See `specFiles`.
import './http/tokens.spec.js';
import './http/transports.spec.js';
import './http/renewal.spec.js';
import './http/session-cookie.spec.js';
import './http/cookie-max-age.spec.js';
import './http/session-ends.spec.js';
import './http/anonymous-bounds.spec.js';
import './http/anonymous-share.spec.js';
