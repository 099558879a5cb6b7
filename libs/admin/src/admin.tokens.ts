/** Injection token of the resolved options. */
export const ADMIN_OPTIONS = Symbol('gatehouse:admin-options');
