// Hits of applications on MongoDB. See `onEveryPlatform`.
import '../hits/counting.spec.js';
import '../hits/modes.spec.js';
