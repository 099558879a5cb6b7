// Everything about the answer, and what a request does while it begins. See `specFiles`.
import './http/answers.spec.js';
import './http/answer-gate.spec.js';
import './http/answer-gate.property.spec.js';
import './http/streams.spec.js';
import './http/failing-store.spec.js';
import './http/writes.spec.js';
import './http/passport.spec.js';
