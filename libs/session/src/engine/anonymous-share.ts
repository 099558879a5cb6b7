import type { AnonymousUsage } from '../storage/anonymous-sessions.js';
import type { Client, Clock } from 'nest-gatehouse/common';
import { tooManySessions } from '../session.problems.js';
import type { ResolvedSessionOptions } from '../session.options.js';

const WINDOW = 60_000;
// A hundred thousand networks take some 25 MB. More than that within a minute are bounded by what all of them may keep together.
const MOST_NETWORKS = 100_000;
// Every session has paid for so much when it is made; growing up to there is free.
const BYTES_FOR_EACH = 4 * 1024;
// However few sessions are allowed, they may be large ones.
const LARGEST_SESSIONS = 16;
// Whoever has an IPv6 /48 has 65,536 networks of /64; or it is of as many people. With the defaults the bytes allow it 2,000 sessions a minute, which are 60,000
// of 234 MiB in the 30 minutes that an unused one lives, of 100,000 and 256 MiB: alone it ends nobody else's before its time, nor does a /64.
const SHARES_OF_SITE: AnonymousUsage = { sessions: 10, bytes: 2 };
const SHARES_OF_NETWORK: AnonymousUsage = { sessions: 1, bytes: 1 };

/** What a session of so many bytes costs of its network's share. */
export function chargeFor(bytes: number): number {
  return Math.max(BYTES_FOR_EACH, bytes);
}

interface Window {
  readonly since: number;
  sessions: number;
  bytes: number;
}

/**
 * What each client network may add to anonymous sessions in a minute (`anonymousPerNetwork`), counted from its first session on. In the memory of this
 * process: the bounds of the storage hold for all of them.
 */
export class AnonymousShare {
  readonly #windows = new Map<string, Window>();
  readonly #share: AnonymousUsage;

  constructor(
    { anonymousPerNetwork: sessions, maxDataBytes }: ResolvedSessionOptions,
    private readonly clock: Clock,
  ) {
    this.#share = { sessions, bytes: Math.max(sessions * BYTES_FOR_EACH, LARGEST_SESSIONS * maxDataBytes) };
  }

  /** @param network null: cannot be told from others, and is not counted. @throws 429 `too_many_sessions`, with nothing taken */
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

  /** Whatever is left. */
  charge(network: Client['network'], added: AnonymousUsage): void {
    if (this.#share.sessions === 0 || network === null) return;
    for (const [key] of sharesOf(network)) {
      const window = this.#window(key, this.clock.now());
      // What is given back may have been taken in the minute before.
      window.sessions = Math.max(0, window.sessions + added.sessions);
      window.bytes = Math.max(0, window.bytes + added.bytes);
    }
  }

  /** What was taken was not stored. */
  giveBack(network: Client['network'], { sessions, bytes }: AnonymousUsage): void {
    this.charge(network, { sessions: -sessions, bytes: -bytes });
  }

  #window(key: string, now: number): Window {
    const known = this.#windows.get(key);
    this.#windows.delete(key);
    // A clock that was set back must not make a window long.
    const isOver = !known || now - known.since >= WINDOW || now < known.since;
    const window = isOver ? { since: now, sessions: 0, bytes: 0 } : known;
    this.#windows.set(key, window);
    // The one counted longest ago; those over their share are counted all the time.
    if (this.#windows.size > MOST_NETWORKS) this.#windows.delete(this.#windows.keys().next().value!);
    return window;
  }
}

/** Whose shares a network draws on, and how many shares each has. */
function* sharesOf(network: string): Iterable<readonly [key: string, shares: AnonymousUsage]> {
  yield [network, SHARES_OF_NETWORK];
  const site = /^(\w+:\w+:\w+):/.exec(network)?.[1];
  if (site !== undefined) yield [`${site}::/48`, SHARES_OF_SITE];
}
