/** Injects the `Configuration`. */
export const CONFIGURATION = Symbol('configuration');
