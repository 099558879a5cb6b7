import type { SessionDoctor } from './session-doctor.js';

/** Clocks that are synchronised differ by milliseconds. */
const MAX_SKEW = 60_000;

/** A session that was last used in our future was used at a server whose clock is ahead, or ours was set back. */
export function checkClock(doctor: SessionDoctor, lastSeenAt: number, now: number): void {
  if (lastSeenAt - now <= MAX_SKEW) return;
  const seconds = Math.round((lastSeenAt - now) / 1_000);
  doctor.found('clock_skew', `A session was used ${seconds} seconds in the future of this server's clock.`);
}
