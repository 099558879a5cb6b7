// What the client holds, and how long; how often it asks. See `specFiles`.
import './http/tokens.spec.js';
import './http/transports.spec.js';
import './http/renewal.spec.js';
import './http/session-cookie.spec.js';
import './http/cookie-max-age.spec.js';
import './http/session-ends.spec.js';
import './http/anonymous-bounds.spec.js';
import './http/anonymous-share.spec.js';
import '../hits/counting.spec.js';
import '../hits/memory.contract.spec.js';
import '../hits/modes.spec.js';
import '../hits/options.spec.js';
import '../hits/range.property.spec.js';
import '../hits/requests.spec.js';
