// What is on record, and the stores of it. See `specFiles`.
import './audit-caps.spec.js';
import './audit-lines.spec.js';
import './audit-operations.spec.js';
import './audit-origin.spec.js';
import './audit-shutdown.spec.js';
import './memory.contract.spec.js';
import './users.spec.js';
