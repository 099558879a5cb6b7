// What is left of a server that is killed, meets a fault, or is given more than it can keep. See `specFiles`.
import './interrupted-end.spec.js';
import './kill.spec.js';
import './anonymous-sessions.spec.js';
import './last-resort.spec.js';
