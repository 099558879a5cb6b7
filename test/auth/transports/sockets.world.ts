// Gateways, on every adapter. See `specFiles`.
import './ws.spec.js';
import './socket-io.spec.js';
import './session-alone.spec.js';
import './microservices.spec.js';
