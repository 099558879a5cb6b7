// Everything on the MongoDB server of the run. See `specFiles`.
import './contracts.spec.js';
import './commands.spec.js';
import './parallel-updates.spec.js';
import './indexes.spec.js';
import './stored-data.spec.js';
import './instances.spec.js';
import './anonymous-sessions.spec.js';
import './module.spec.js';
import './auth-contracts.spec.js';
import './auth-commands.spec.js';
import './auth-instances.spec.js';
import './auth-module.spec.js';
import './hits-contracts.spec.js';
import './sessman-contracts.spec.js';
import './admin-contracts.spec.js';
import './sessman-commands.spec.js';
