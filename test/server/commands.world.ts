// What the command line does to servers that run, from processes that run one after another; settings, which need no server; MongoDB
// behind the server. See `specFiles` and `runInHost`.
import './command-line.spec.js';
import './api-keys-command.spec.js';
import './request-command.spec.js';
import './session-copy.spec.js';
import './sign-in-processes.spec.js';
import './configuration-docs.spec.js';
import './configuration.spec.js';
import './http-front.spec.js';
import './other-answers.spec.js';
import './sign-in-configuration.spec.js';
import './mongodb.spec.js';
import '../package/built/assets.spec.js';
