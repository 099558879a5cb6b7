/** Injection token of the resolved options. */
export const HITS_OPTIONS = Symbol('gatehouse:hits-options');
