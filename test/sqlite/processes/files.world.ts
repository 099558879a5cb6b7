// The SQLite file, seen by this process and by those that this one starts. See `specFiles`.
import './anonymous-sessions.spec.js';
import './auth.spec.js';
import './auth-migration.spec.js';
import './file-place.spec.js';
import './record-cache.spec.js';
import './schedules.spec.js';
import './session-migration.spec.js';
import './sessions.spec.js';
import './sqlite.database.spec.js';
import './sqlite.file.spec.js';
