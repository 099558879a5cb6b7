/** Whether a path of the `exclude` option matches this request target. The query is ignored. */
export function isExcluded(patterns: readonly string[], target: string): boolean {
  if (patterns.length === 0) return false;
  const end = target.indexOf('?');
  const path = end === -1 ? target : target.slice(0, end);
  return patterns.some((pattern) => (pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern));
}
