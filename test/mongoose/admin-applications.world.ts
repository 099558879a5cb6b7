// The administrator's figures where a store has a part in them, on MongoDB. See `specFiles`.
import '../admin/metrics.spec.js';
import '../admin/stats.spec.js';
import '../session/store-spans.spec.js';
