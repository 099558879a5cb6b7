/**
 * `scheme://host[:port]` as browsers write it: lower case, default port left out. Null if it is no origin, or the
 * opaque `null`.
 */
export function normalizeOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin } = new URL(text);
  return origin === 'null' ? null : origin;
}

/** Whether this is an origin and nothing more. */
export function isOrigin(text: string): boolean {
  const origin = normalizeOrigin(text);
  return origin !== null && (text.toLowerCase() === origin || new URL(text).href === `${text.toLowerCase()}/`);
}
