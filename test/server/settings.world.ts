// What needs no server that runs. See `specFiles`.
import './configuration-docs.spec.js';
import './configuration.spec.js';
import './http-front.spec.js';
import './other-answers.spec.js';
import './sign-in-configuration.spec.js';
