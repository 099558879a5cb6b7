import type { AnonymousUsage } from '../storage/anonymous-sessions.js';
import type { Client, Clock } from 'nest-gatehouse/common';
import { tooManySessions } from '../session.problems.js';
import type { ResolvedSessionOptions } from '../session.options.js';

const WINDOW = 60_000;
// A hundred thousand networks take some 25 MB. More networks within a minute are bounded by `maxAnonymousSessions` and
// `maxAnonymousBytes` only.
const MAX_NETWORKS = 100_000;
// Every new session is charged for this much; growing up to it is free.
const BYTES_FOR_EACH = 4 * 1024;
// Even if few sessions are allowed, a network may fill this many up to `maxDataBytes`.
const MIN_FULL_SESSIONS = 16;
// An IPv6 /48 has 65,536 networks of /64, which one person or as many people may own. With the defaults its bytes allow
// 2,000 sessions a minute: 60,000 sessions with 234 MiB in the 30 minutes that an unused session lives, of at most
// 100,000 with 256 MiB. So neither a /48 nor a /64 can alone end other visitors' sessions early.
const SHARES_OF_SITE: AnonymousUsage = { sessions: 10, bytes: 2 };
const SHARES_OF_NETWORK: AnonymousUsage = { sessions: 1, bytes: 1 };

/** How much of its network's share a session of this many bytes takes. */
export function chargeFor(bytes: number): number {
  return Math.max(BYTES_FOR_EACH, bytes);
}

interface Window {
  readonly since: number;
  sessions: number;
  bytes: number;
}

/**
 * What each client network may add to anonymous sessions in a minute (`anonymousPerNetwork`), counted from its first
 * session on. Counted in the memory of this process; the bounds of the storage hold for all processes together.
 */
export class AnonymousShare {
  readonly #windows = new Map<string, Window>();
  readonly #share: AnonymousUsage;

  constructor(
    { anonymousPerNetwork: sessions, maxDataBytes }: ResolvedSessionOptions,
    private readonly clock: Clock,
  ) {
    this.#share = { sessions, bytes: Math.max(sessions * BYTES_FOR_EACH, MIN_FULL_SESSIONS * maxDataBytes) };
  }

  /**
   * @param network null if the client cannot be told from others: it is not counted then. @throws 429
   * `too_many_sessions`; nothing is taken then
   */
  take(network: Client['network'], added: AnonymousUsage): void {
    if (this.#share.sessions === 0 || network === null) return;
    const now = this.clock.now();
    const { sessions, bytes } = this.#share;
    for (const [key, shares] of sharesOf(network)) {
      const window = this.#window(key, now);
      const isWithin =
        window.sessions + added.sessions <= shares.sessions * sessions &&
        window.bytes + added.bytes <= shares.bytes * bytes;
      if (!isWithin) throw tooManySessions(window.since + WINDOW - now);
    }
    this.charge(network, added);
  }

  /** Charges the network even if its share is used up. */
  charge(network: Client['network'], added: AnonymousUsage): void {
    if (this.#share.sessions === 0 || network === null) return;
    for (const [key] of sharesOf(network)) {
      const window = this.#window(key, this.clock.now());
      // What is given back may have been taken in the previous minute.
      window.sessions = Math.max(0, window.sessions + added.sessions);
      window.bytes = Math.max(0, window.bytes + added.bytes);
    }
  }

  /** For what was taken but not stored. */
  giveBack(network: Client['network'], { sessions, bytes }: AnonymousUsage): void {
    this.charge(network, { sessions: -sessions, bytes: -bytes });
  }

  #window(key: string, now: number): Window {
    const known = this.#windows.get(key);
    this.#windows.delete(key);
    // A clock that was set back must not make a window longer.
    const isExpired = !known || now - known.since >= WINDOW || now < known.since;
    const window = isExpired ? { since: now, sessions: 0, bytes: 0 } : known;
    this.#windows.set(key, window);
    // Drops the one counted longest ago. Networks above their share are counted all the time, so they stay.
    if (this.#windows.size > MAX_NETWORKS) this.#windows.delete(this.#windows.keys().next().value!);
    return window;
  }
}

/** The networks that are charged for this one, itself and its /48, with the number of shares of each. */
function* sharesOf(network: string): Iterable<readonly [key: string, shares: AnonymousUsage]> {
  yield [network, SHARES_OF_NETWORK];
  const site = /^(\w+:\w+:\w+):/.exec(network)?.[1];
  if (site !== undefined) yield [`${site}::/48`, SHARES_OF_SITE];
}
