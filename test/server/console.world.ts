// The console, and the client, in Chromium. See `specFiles`.
import './console/pages.spec.js';
import './console/walks.spec.js';
import './console/without-optional.spec.js';
import '../client/browser/page.spec.js';
import '../client/browser/timeout.spec.js';
