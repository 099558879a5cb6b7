/** The path below which the console is, without slashes around it. */
export const CONSOLE_PREFIX = Symbol('gatehouse:console-prefix');
