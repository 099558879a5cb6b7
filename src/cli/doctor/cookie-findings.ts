import type { Cookie } from 'tough-cookie';
import { parseLine, type VisitAnswer } from './browser-visit.js';
import { finding, type OutsideFinding } from './outside-remedies.js';

const MAX_BYTES = 4_096;
/** Our token, or a name as session cookies have it everywhere. */
const TOKEN = /^[\w-]{22}\.[\w-]{43}$/;
const SESSION_NAME = /sid|sess/i;

/** The session cookie among those of an answer: by its value, by its name, else the first. */
export function sessionCookieOf({ setCookies }: VisitAnswer): Cookie | undefined {
  const cookies = setCookies.flatMap((line) => parseLine(line) ?? []);
  return (
    cookies.find(({ value }) => TOKEN.test(value)) ?? cookies.find(({ key }) => SESSION_NAME.test(key)) ?? cookies[0]
  );
}

/** What is wrong with the cookies of one answer, one finding for each cookie: the first reason to drop it. */
export function findingsOfCookies(answer: VisitAnswer): OutsideFinding[] {
  const lines = answer.setCookies.map((line) => ({ line, cookie: parseLine(line) }));
  const found = lines.flatMap(({ line, cookie }) => (cookie ? (reasonToDrop(answer.url, line, cookie) ?? []) : []));
  const names = lines.flatMap(({ cookie }) => cookie?.key ?? []);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) found.push(finding('cookie_set_twice', `One answer sets the cookie ${twice} twice.`));
  return found;
}

function reasonToDrop(url: URL, line: string, { key, secure, sameSite, domain, path }: Cookie): OutsideFinding | null {
  const host = key.toLowerCase().startsWith('__host-');
  if ((host || key.toLowerCase().startsWith('__secure-')) && !secure)
    return finding('cookie_prefix_broken', `The cookie ${key} is not Secure, so that browsers drop it.`);
  if (host && (path !== '/' || domain !== null))
    return finding(
      'cookie_prefix_broken',
      `The cookie ${key} has a Domain or another Path than /, so that browsers drop it.`,
    );
  if (secure && url.protocol === 'http:')
    return finding('insecure_connection', `The cookie ${key} has the attribute Secure, and was set over plain HTTP.`);
  if (sameSite === 'none' && !secure)
    return finding('same_site_none_insecure', `The cookie ${key} has SameSite=None without Secure.`);
  if (domain !== null && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`))
    return finding(
      'cookie_domain_mismatch',
      `The cookie ${key} is for the domain ${domain}, and ${url.hostname} is not within it.`,
    );
  if (Buffer.byteLength(line) > MAX_BYTES)
    return finding('cookie_too_large', `The cookie ${key} takes more than ${MAX_BYTES} bytes with its attributes.`);
  return null;
}

/** What is wrong with the session cookie although browsers take it. */
export function findingsOfSession(
  { url, headers }: VisitAnswer,
  { key, secure, httpOnly, path }: Cookie,
): OutsideFinding[] {
  const found: OutsideFinding[] = [];
  if (!secure && url.protocol === 'https:')
    found.push(
      finding(
        'cookie_not_secure',
        `The cookie ${key} was set over HTTPS without Secure, so that it also goes over plain HTTP.`,
      ),
    );
  if (!httpOnly) found.push(finding('cookie_readable', `Scripts of a page can read the cookie ${key}.`));
  const below =
    path === null || url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
  if (!below)
    found.push(
      finding(
        'cookie_path_mismatch',
        `The cookie ${key} was set for ${path} by ${url.pathname}, where it does not come back.`,
      ),
    );
  if (!/\bno-store\b|\bprivate\b/i.test(headers.get('cache-control') ?? ''))
    found.push(
      finding(
        'answer_cacheable',
        `The answer that sets the cookie ${key} may be kept by a cache, and given to others.`,
      ),
    );
  return found;
}
