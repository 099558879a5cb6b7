// The pages of the built server in Chromium. See `specFiles`.
import './auth-browser.spec.js';
import './base-path.spec.js';
import './home-page.spec.js';
import './timeout-warning.spec.js';
