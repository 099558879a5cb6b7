// The client against a service, in this process. See `specFiles`.
import './docs.spec.js';
import './faults.spec.js';
import './restarts.property.spec.js';
import './schedules.property.spec.js';
import './session.spec.js';
