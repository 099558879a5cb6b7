import { Cookie } from 'tough-cookie';
import { openJar } from './cookie-jar-file.js';

export interface RequestToSend {
  readonly url: URL;
  /** Default: GET, or POST with a body. */
  readonly method?: string;
  readonly body?: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The file that keeps cookies between requests. */
  readonly jar?: string;
}

/** A cookie that the answer sets, as its line says. */
export interface CookieView {
  readonly name: string;
  readonly value: string;
  /** ISO 8601; null if the line has none. */
  readonly expires: string | null;
  /** Seconds; null if the line has none. */
  readonly maxAge: number | null;
  readonly path: string | null;
  readonly domain: string | null;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: string | null;
}

export interface RequestOutcome {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly CookieView[];
  readonly body: string;
}

/** Sends one request. Redirects are shown, not followed. @throws CommandRefused for an unreadable jar */
export async function sendRequest({ url, method, body, headers, jar: path }: RequestToSend): Promise<RequestOutcome> {
  const jar = await openJar(path);
  const sent = new Headers(headers.map(([name, value]) => [name, value]));
  const cookie = await jar.cookieHeader(url);
  if (cookie !== '' && !sent.has('cookie')) sent.set('cookie', cookie);
  if (body !== undefined && !sent.has('content-type')) sent.set('content-type', contentTypeOf(body));
  const answer = await fetch(url, {
    method: (method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase(),
    body,
    headers: sent,
    redirect: 'manual',
  });
  const lines = answer.headers.getSetCookie();
  await jar.keep(lines, url);
  const shown = [...answer.headers].filter(([name]) => name !== 'set-cookie');
  return {
    status: answer.status,
    headers: Object.fromEntries(shown),
    cookies: lines.map(readCookie).filter((view) => view !== null),
    body: await answer.text(),
  };
}

function contentTypeOf(body: string): string {
  return /^\s*[[{"]/.test(body) ? 'application/json' : 'application/x-www-form-urlencoded';
}

function readCookie(line: string): CookieView | null {
  const cookie = Cookie.parse(line);
  if (!cookie) return null;
  const { key: name, value, expires, maxAge, path, domain, httpOnly, secure, sameSite } = cookie;
  return {
    name,
    value,
    expires: expires instanceof Date ? expires.toISOString() : null,
    maxAge: typeof maxAge === 'number' ? maxAge : null,
    path,
    domain,
    httpOnly,
    secure,
    sameSite: sameSite === undefined ? null : sameSite.charAt(0).toUpperCase() + sameSite.slice(1),
  };
}
