/**
 * `scheme://host[:port]` as browsers write it: lower case, default port left out. Also that of an app with a scheme of
 * its own, such as `capacitor://localhost`. Null if it is no origin, or the opaque `null`.
 */
export function normalizeOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, protocol, host } = new URL(text);
  if (origin !== 'null') return origin;
  return host === '' ? null : `${protocol}//${host.toLowerCase()}`;
}

/** Whether this is an origin and nothing more. A wildcard is none, because browsers send none. */
export function isOrigin(text: string): boolean {
  const origin = normalizeOrigin(text);
  if (origin === null || origin.includes('*')) return false;
  return text.toLowerCase() === origin || new URL(text).href === `${text.toLowerCase()}/`;
}
