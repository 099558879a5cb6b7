// What handlers see of a session. See `specFiles`.
import './http/session-values.spec.js';
import './http/express-style.spec.js';
import './http/cherrypy.spec.js';
import './http/cherrypy-locking.spec.js';
import './http/fence.spec.js';
import './schedules.property.spec.js';
import './http/instances.spec.js';
import './http/schema.spec.js';
import './http/decorators.spec.js';
import './options/session-module.spec.js';
import './options/session-options.spec.js';
import './storage/memory.contract.spec.js';
import './storage/memory.store.spec.js';
import './doctor.spec.js';
import './store-spans.spec.js';
import './http/first-use.spec.js';
