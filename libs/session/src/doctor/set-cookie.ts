/** A `Set-Cookie` line of an answer, as far as the doctor looks at it. */
export interface SetCookieLine {
  readonly name: string;
  /** Bytes of the whole line. */
  readonly size: number;
  readonly secure: boolean;
  /** In lower case. */
  readonly sameSite: string | undefined;
  /** In lower case, without a leading dot. */
  readonly domain: string | undefined;
  readonly path: string | undefined;
}

export function parseSetCookie(line: string): SetCookieLine {
  const [pair = '', ...parts] = line.split(';').map((part) => part.trim());
  const attributes = new Map(parts.map(nameAndValue));
  return {
    name: nameAndValue(pair)[0],
    size: Buffer.byteLength(line),
    secure: attributes.has('secure'),
    sameSite: attributes.get('samesite')?.toLowerCase(),
    domain: attributes.get('domain')?.toLowerCase().replace(/^\./, '') || undefined,
    path: attributes.get('path'),
  };
}

function nameAndValue(text: string, at: number): [name: string, value: string];
function nameAndValue(text: string): [name: string, value: string];
function nameAndValue(text: string, at = -1): [name: string, value: string] {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  return [at === -1 ? name : name.toLowerCase(), equals === -1 ? '' : text.slice(equals + 1)];
}

/** Whether a browser sends a cookie of this path to `path` (RFC 6265, 5.1.4). */
export function isBelowPath(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/';
}

/** Whether a host may set a cookie of this domain (RFC 6265, 5.1.3). */
export function isWithinDomain(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}
