// API keys and idempotency keys. See `specFiles`.
import './api-keys.spec.js';
import './memory.contract.spec.js';
