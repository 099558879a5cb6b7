// Resolvers, with every driver. See `specFiles`.
import './apollo.spec.js';
import './mercurius.spec.js';
