// Servers and stores on a disk that is full. See `specFiles`.
import './full-disk.spec.js';
import '../sqlite/processes/full-disk.spec.js';
