import { BrowserVisit, type VisitAnswer } from './browser-visit.js';
import { findingsOfCookies, findingsOfSession, sessionCookieOf } from './cookie-findings.js';
import { finding, type OutsideFinding } from './outside-remedies.js';

const MAX_SKEW = 60_000;
const ABSENT: ReadonlySet<number> = new Set([404, 405]);

/**
 * Looks at a running server as a browser would: opens a session, comes back with its cookie, and ends it.
 * @param url of the reference server, ending in `/` where it is below a path, or an address whose answer sets a session
 *   cookie. @throws TypeError of `fetch`
 */
export async function examineServer(url: URL): Promise<OutsideFinding[]> {
  const visit = new BrowserVisit();
  const first = await openSession(visit, url);
  const found = [...findingsOfClock(first), ...(await findingsOfReadiness(url))];
  const cookie = sessionCookieOf(first);
  if (!cookie) {
    if (found.length > 0) return found;
    return [finding('no_cookie', `${first.url.href} answers ${first.status} without setting a cookie.`)];
  }
  found.push(...findingsOfCookies(first), ...findingsOfSession(first, cookie));
  if (found.length === 0 && !(await isKept(visit, first, cookie.key)))
    found.push(finding('session_not_kept', `The cookie ${cookie.key} came back, and the server did not know it.`));
  if (isReference(first)) await visit.post(new URL('session/end', first.url));
  return found;
}

async function openSession(visit: BrowserVisit, url: URL): Promise<VisitAnswer> {
  if (!url.pathname.endsWith('/')) return visit.get(url);
  const answer = await visit.post(new URL('api/code', url), { code: 'gatehouse doctor' });
  return ABSENT.has(answer.status) ? visit.get(url) : answer;
}

function isReference({ url }: VisitAnswer): boolean {
  return url.pathname.endsWith('/api/code');
}

function findingsOfClock({ clockAhead }: VisitAnswer): OutsideFinding[] {
  if (clockAhead === null || Math.abs(clockAhead) <= MAX_SKEW) return [];
  const [seconds, where] = [Math.round(Math.abs(clockAhead) / 1_000), clockAhead > 0 ? 'ahead of' : 'behind'];
  return [finding('clock_skew', `The clock of the server is ${seconds} seconds ${where} that of this machine.`)];
}

async function findingsOfReadiness(url: URL): Promise<OutsideFinding[]> {
  const path = url.pathname.endsWith('/') ? 'health/ready' : '/health/ready';
  const { status } = await new BrowserVisit().get(new URL(path, url));
  return status === 503 ? [finding('not_ready', 'The server says at /health/ready that it is not ready.')] : [];
}

async function isKept(visit: BrowserVisit, first: VisitAnswer, name: string): Promise<boolean> {
  const reference = isReference(first);
  const url = reference ? new URL('session', first.url) : first.url;
  if (!(await visit.namesAt(url)).includes(name)) return false;
  const again = await visit.get(url);
  if (reference) return /"active":\s*true/.test(again.text);
  // Who is not recognised gets another session; a new secret of the same one keeps what is before the dot.
  const before = sessionCookieOf(first)!.value.split('.')[0];
  const after = sessionCookieOf(again);
  return after === undefined || after.value.split('.')[0] === before;
}
