// What is stored of a password, and how it changes. See `specFiles`.
import './passwords.spec.js';
import './foreign-hashes.spec.js';
import './refusal-work.spec.js';
import './blocklist.spec.js';
import './password-change.spec.js';
import './one-time-password.spec.js';
import './behind-proxy.spec.js';
import './floods.spec.js';
