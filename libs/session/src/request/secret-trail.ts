import type { SessionRecord } from '../storage/session-record.js';

/**
 * The secrets of a session as an open socket has seen them replaced. The socket's token stays what it was at the
 * handshake, while HTTP requests renew the secret. A renewal with a grace is followed: whoever held the former secret
 * may go on. A swap without grace is not, because it is meant to shut out whoever knows the former secret.
 */
export class SecretTrail {
  /** The hash of the current secret when this was last looked at; null if the token was never the current one. */
  #hash: string | null = null;

  /** Whether the token was once the current one: that it no longer opens the session is then no sign of theft. */
  get hasBegun(): boolean {
    return this.#hash !== null;
  }

  /** @param match what the token itself matches. @returns the same, or `former` if the socket may go on without it */
  follow(record: SessionRecord, match: 'current' | 'former' | null): 'current' | 'former' | null {
    const isKnown = this.#hash !== null && [record.secretHash, record.formerSecretHash].includes(this.#hash);
    if (match !== 'current' && !isKnown) return match;
    this.#hash = record.secretHash;
    return match ?? 'former';
  }
}
