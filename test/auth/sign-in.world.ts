// Whether it is really you. See `specFiles`.
import './login.spec.js';
import './slow-sign-in.spec.js';
import './guessing.spec.js';
import './equal-work.spec.js';
import './hash-queue.spec.js';
import './client-address.spec.js';
import './parallel-sign-in.spec.js';
