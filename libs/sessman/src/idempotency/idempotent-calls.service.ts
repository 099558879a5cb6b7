import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock, Randomness } from 'nest-gatehouse/common';
import type { ResolvedSessmanOptions } from '../sessman.options.js';
import { fieldInvalid, idempotencyInProgress, idempotencyKeyReused } from '../sessman.problems.js';
import { SESSMAN_OPTIONS } from '../sessman.tokens.js';
import { SessmanStorage } from '../storage/sessman-storage.js';

/** An answer that can be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly etag: string;
  /** JSON text. */
  readonly body: string;
}

export interface IdempotentCall {
  /** The API key's id. */
  readonly keyId: string;
  /** The header `Idempotency-Key`; without it nothing is remembered. */
  readonly key: string | undefined;
  /** What makes the request what it is: method, route, query and body. */
  readonly request: readonly unknown[];
}

/** After this time a call counts as dead: the longest that our client keeps trying one call. */
const LEASE = 30_000;
const OWNER_BYTES = 16;
// A structured string (RFC 9651), as the draft of the header has it, or the same without quotes.
const KEY_SHAPE = /^(?:"([\x20\x21\x23-\x5B\x5D-\x7E]{1,255})"|([\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]{1,255}))$/;

/**
 * Carries out a request once, however often it is sent with the same `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header): a repetition gets the first answer, also after a restart and from another
 * process. Refusals are not kept.
 */
@Injectable()
export class IdempotentCalls {
  readonly #logger = new Logger('Gatehouse');

  constructor(
    @Inject(SESSMAN_OPTIONS) private readonly options: ResolvedSessmanOptions,
    private readonly storage: SessmanStorage,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /** @throws 400 `idempotency_key_invalid`, 409 `idempotency_in_progress`, 422 `idempotency_key_reused`, and what `work` throws */
  async run({ keyId, key: given, request }: IdempotentCall, work: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
    if (given === undefined) return work();
    const key = readKey(given);
    const now = this.clock.now();
    const owner = this.randomness.bytes(OWNER_BYTES).toString('base64url');
    const expiresAt = now + this.options.idempotencyRetention;
    const claim = { keyId, key, owner, fingerprint: fingerprintOf(request), now, leaseUntil: now + LEASE, expiresAt };
    const outcome = await this.storage.ask('idempotency.claim', () => this.storage.idempotency.claim(claim));
    switch (outcome.status) {
      case 'done':
        return JSON.parse(outcome.answer) as KeptAnswer;
      case 'running':
        throw idempotencyInProgress(Math.min(outcome.leaseUntil - now, 1_000));
      case 'reused':
        throw idempotencyKeyReused();
      case 'claimed':
        return this.#carryOut({ keyId, key, owner, expiresAt }, work);
    }
  }

  async #carryOut(claim: Claim, work: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
    let answer: KeptAnswer;
    try {
      answer = await work();
    } catch (error) {
      await this.#release(claim, error);
      throw error;
    }
    // The request has taken effect, so it is answered even if the answer cannot be kept: the claim stays until its
    // lease is over, and repetitions are refused until then.
    await this.#keep(claim, JSON.stringify(answer)).catch((error: unknown) => this.#warn('kept', error));
    return answer;
  }

  async #keep(claim: Claim, answer: string): Promise<void> {
    const { idempotency } = this.storage;
    await this.storage.ask('idempotency.complete', () => idempotency.complete({ ...claim, answer }));
  }

  /** A call whose outcome is unknown (503) keeps its claim: it may have taken effect. */
  async #release(claim: Claim, error: unknown): Promise<void> {
    if (!isCertainRefusal(error)) return;
    const { idempotency } = this.storage;
    await this.storage
      .ask('idempotency.release', () => idempotency.release(claim))
      .catch((failure: unknown) => this.#warn('released', failure));
  }

  #warn(what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#logger.warn(`An idempotency key could not be ${what}: ${reason}`);
  }
}

interface Claim {
  readonly keyId: string;
  readonly key: string;
  readonly owner: string;
  readonly expiresAt: number;
}

function readKey(text: string): string {
  const [, quoted, bare] = KEY_SHAPE.exec(text) ?? [];
  const key = quoted ?? bare;
  if (key === undefined) {
    throw fieldInvalid('Idempotency-Key', 'expected 1 to 255 visible ASCII characters, such as a UUID');
  }
  return key;
}

function fingerprintOf(request: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64url');
}

/** Whether nothing can have taken effect. */
function isCertainRefusal(error: unknown): boolean {
  const status = (error as { getStatus?: () => number }).getStatus?.();
  return status !== undefined && status < 500;
}
