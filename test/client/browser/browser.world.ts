// What the client does in Chromium. See `specFiles`.
import './page.spec.js';
import './timeout.spec.js';
