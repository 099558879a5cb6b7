// The administrator's routes. See `specFiles`.
import './memory.contract.spec.js';
import './sessions.spec.js';
import './ending.spec.js';
import './why.spec.js';
import './users.spec.js';
import './audit.spec.js';
