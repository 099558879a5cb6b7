// The sessions of programs, behind API keys. See `specFiles`.
import './api-key-guard.spec.js';
import './equal-work.spec.js';
import './idempotency.spec.js';
import './loopback.spec.js';
import './memory.contract.spec.js';
import './original-client.spec.js';
import './routes.spec.js';
