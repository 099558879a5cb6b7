import type { ClaimOutcome, IdempotencyClaim } from './idempotency-store.js';

/** What stores keep of one idempotency key. */
export interface StoredClaim {
  readonly fingerprint: string;
  readonly leaseUntil: number;
  /** Null while the request runs. */
  readonly answer: string | null;
  readonly expiresAt: number;
}

/** What a claim finds, given the record that was there before it. For stores. */
export function claimOutcome(
  stored: StoredClaim | undefined,
  { fingerprint, now }: Pick<IdempotencyClaim, 'fingerprint' | 'now'>,
): ClaimOutcome {
  if (!stored || stored.expiresAt <= now) return { status: 'claimed' };
  const { answer, leaseUntil } = stored;
  if (answer === null && leaseUntil <= now) return { status: 'claimed' };
  if (stored.fingerprint !== fingerprint) return { status: 'reused' };
  return answer === null ? { status: 'running', leaseUntil } : { status: 'done', answer };
}
