// What the command line does to servers that run, from processes that run one after another. See `specFiles` and `runInHost`.
import './command-line.spec.js';
import './api-keys-command.spec.js';
import './request-command.spec.js';
import './session-copy.spec.js';
import './sign-in-processes.spec.js';
