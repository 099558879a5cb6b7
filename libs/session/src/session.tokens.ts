/** The resolved options of `SessionModule`. */
export const SESSION_OPTIONS = Symbol('gatehouse:session-options');
