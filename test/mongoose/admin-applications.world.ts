// The administrator's suites whose behaviour depends on what a store does, on MongoDB. See `specFiles`.
import '../admin/sessions.spec.js';
import '../admin/ending.spec.js';
import '../admin/users.spec.js';
import '../admin/metrics.spec.js';
import '../admin/stats.spec.js';
