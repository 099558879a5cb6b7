// Servers as processes of their own: how they start, stop and are operated. See `specFiles`.
import './administration.spec.js';
import './doctor-command.spec.js';
import './live-stop.spec.js';
import './log-places.spec.js';
import './openapi-clients.spec.js';
import './other-hits.spec.js';
import './programs.spec.js';
import './restart.spec.js';
import './start.spec.js';
import './stop.spec.js';
