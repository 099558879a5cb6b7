/** Injection token of the resolved options. */
export const SESSMAN_OPTIONS = Symbol('gatehouse:sessman-options');

/** Injection token of the path below which the routes are: `sessman`, unless the module was told another. */
export const SESSMAN_PREFIX = Symbol('gatehouse:sessman-prefix');
