const LOADED_FROM = Symbol.for('nest-gatehouse:loaded-from');

/**
 * Warns where one process loads two copies of the package: each has its own injection tokens and its own idea of which
 * session a request has, so that what one of them does the other does not see.
 */
function warnOfSecondInstance(url: string): void {
  const here = globalThis as { [LOADED_FROM]?: string };
  const first = (here[LOADED_FROM] ??= url);
  if (first === url) return;
  process.emitWarning(
    `nest-gatehouse is loaded twice, from ${first} and from ${url}, and the two do not know each other. ` +
      'Find who brings the second with "npm ls nest-gatehouse", and let everything load the same one, either by import or by require.',
    { code: 'GATEHOUSE_LOADED_TWICE' },
  );
}

warnOfSecondInstance(import.meta.url);
