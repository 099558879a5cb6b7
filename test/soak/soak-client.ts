import { setTimeout as pause } from 'node:timers/promises';
import type { SoakServer } from './soak-server.js';

/** What all clients have seen together. */
export class Ledger {
  readonly counts = { signIns: 0, reads: 0, writes: 0, ends: 0, unanswered: 0 };
  /** What must never be: an acknowledged change that is not there, or an ended session that opens. */
  readonly violations: string[] = [];
  #times: number[] = [];

  timed(milliseconds: number): void {
    this.#times.push(milliseconds);
  }

  /** Of the reads since the last call, in milliseconds. */
  takeTimes(): readonly number[] {
    const times = this.#times;
    this.#times = [];
    return times;
  }
}

const THINK = 150;
const RETRY = 200;
/** Requests with one session, before it is ended and its cookie tried again. */
const LIFE = 40;

/** Signs in, reads and writes, ends its session, tries the cookie again, and begins anew; each request at either server. */
export async function work(
  name: number,
  servers: readonly SoakServer[],
  ledger: Ledger,
  credentials: object,
  isOver: () => boolean,
): Promise<void> {
  let turn = name;
  const ask = async (method: string, path: string, cookie: string, body?: object): Promise<Response | null> => {
    const { url } = servers[turn++ % servers.length]!;
    const headers = { cookie, origin: url, ...(body ? { 'content-type': 'application/json' } : {}) };
    try {
      const answer = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      if (answer.status < 500) return answer;
    } catch {
      // Stopped, killed, or still starting.
    }
    ledger.counts.unanswered++;
    await pause(RETRY);
    return null;
  };
  const ended: string[] = [];
  for (let life = 0; !isOver(); life++) {
    const answer = await ask('POST', '/auth/login', '', credentials);
    const cookie = answer?.headers.getSetCookie()[0]?.split(';')[0];
    if (!cookie) {
      if (answer) ledger.violations.push(`a sign-in was answered ${answer.status}: ${await answer.text()}`);
      continue;
    }
    ledger.counts.signIns++;
    let possible: readonly (string | null)[] = [null];
    for (let step = 0; step < LIFE && !isOver(); step++) {
      await pause(THINK * (0.5 + Math.random()));
      if (step % 3 === 0) possible = await write(`w${name}x${life}x${step}`, cookie, possible, ask, ledger);
      else await read(cookie, possible, ask, ledger);
    }
    if (await end(cookie, ask, ledger)) ended.push(cookie);
    const former = ended[Math.floor(Math.random() * ended.length)];
    if (former !== undefined) await tryAgain(former, ask, ledger);
    ended.splice(0, ended.length - LIFE);
  }
}

type Ask = (method: string, path: string, cookie: string, body?: object) => Promise<Response | null>;

/** @returns the values that the session may have now: two after an answer that has not come */
async function write(value: string, cookie: string, possible: readonly (string | null)[], ask: Ask, ledger: Ledger) {
  const answer = await ask('POST', '/api/code', cookie, { code: value });
  if (!answer) return [...possible, value];
  if (answer.status !== 200) ledger.violations.push(`a write was answered ${answer.status}: ${await answer.text()}`);
  ledger.counts.writes++;
  return [value];
}

async function read(cookie: string, possible: readonly (string | null)[], ask: Ask, ledger: Ledger): Promise<void> {
  const start = performance.now();
  const answer = await ask('GET', '/api/code', cookie);
  if (!answer) return;
  const { result } = (await answer.json()) as { result: string | null };
  ledger.timed(performance.now() - start);
  ledger.counts.reads++;
  if (!possible.includes(result)) ledger.violations.push(`read ${result} where ${possible.join(' or ')} was written`);
}

async function end(cookie: string, ask: Ask, ledger: Ledger): Promise<boolean> {
  for (let attempt = 0; attempt < LIFE; attempt++) {
    const answer = await ask('POST', '/auth/logout', cookie);
    // 401: an earlier attempt has ended it, and its answer was lost.
    if (answer && (answer.ok || answer.status === 401)) {
      ledger.counts.ends++;
      return true;
    }
    if (answer) ledger.violations.push(`an end was answered ${answer.status}: ${await answer.text()}`);
  }
  return false;
}

async function tryAgain(cookie: string, ask: Ask, ledger: Ledger): Promise<void> {
  const answer = await ask('GET', '/auth/me', cookie);
  if (answer && answer.status !== 401) ledger.violations.push(`an ended session was answered ${answer.status}`);
}
