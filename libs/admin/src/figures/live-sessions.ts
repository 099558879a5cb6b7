import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { SharedCheck } from 'nest-gatehouse/common';
import { SessionService } from 'nest-gatehouse/session';

export interface LiveSessionCounts {
  /** All of them, those of other programs too. */
  readonly live: number;
  readonly signedIn: number;
  readonly anonymous: number;
}

/** A little less than the two seconds between two answers of a stream, so that each has counts of its own. */
const INTERVAL = 1_900;

/** How many sessions live, over all processes on the store. However many ask, they are counted once in two seconds. */
@Injectable()
export class LiveSessions {
  #latest: LiveSessionCounts = { live: 0, signedIn: 0, anonymous: 0 };
  readonly #counting = new SharedCheck(() => this.#count(), INTERVAL);

  constructor(private readonly sessions: SessionService) {}

  /** @throws ProblemException 503 `store_unavailable` */
  async counts(): Promise<LiveSessionCounts> {
    await this.#counting.run();
    return this.#latest;
  }

  /**
   * Null if counting takes longer; it goes on then, for whoever asks next.
   * @throws ProblemException 503 `store_unavailable`
   */
  async countsWithin(milliseconds: number): Promise<LiveSessionCounts | null> {
    const waiting = new AbortController();
    const tooLate = delay(milliseconds, null, { signal: waiting.signal, ref: false }).catch(() => null);
    try {
      return await Promise.race([this.counts(), tooLate]);
    } finally {
      waiting.abort();
    }
  }

  async #count(): Promise<void> {
    const [live, signedIn, anonymous] = await Promise.all(
      (['live', 'signed-in', 'anonymous'] as const).map((state) => this.sessions.count({ state })),
    );
    this.#latest = { live: live!, signedIn: signedIn!, anonymous: anonymous! };
  }
}
