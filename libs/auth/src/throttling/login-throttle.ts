import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { clientNetwork, Clock } from 'nest-gatehouse/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { networkOf, type VisitorAddress } from '../http/http-request.js';
import type { AttemptOutcome } from '../storage/login-attempts.js';
import { tooManyAttempts } from '../auth.problems.js';
import type { UserRecord } from '../storage/user-store.js';

/** What one attempt is counted under. */
export interface AttemptKeys {
  /** Of the username: one for all strangers' networks, one for each network that its user has signed in from. */
  readonly username: string;
  /** Null where the client's address cannot be told: all such clients are not one. */
  readonly network: string | null;
  /** Where `network` is null: the address that stands in the client's place. Nothing counts for it, but if it was stopped itself, no header helps it. */
  readonly standIn: string | null;
  /** Whether the user has signed in from this network before. */
  readonly isKnown: boolean;
}

/**
 * Slows guessing down (OWASP ASVS 5.0, 6.3.1; NIST SP 800-63B-4, 3.2.2). Every pathway that checks a password counts here, before it checks. A
 * username nobody has is counted like any other, so a refusal tells nothing. The growing delay, counted beforehand and atomically, is what keeps
 * rate-limiter-flexible from fitting.
 */
@Injectable()
export class LoginThrottle {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly storage: AuthStorage,
    private readonly clock: Clock,
  ) {}

  /** @param name canonical, or what was typed where that is none */
  keysOf(name: string, user: UserRecord | null, from: VisitorAddress): AttemptKeys {
    const network = networkOf(from);
    if (network === null) {
      const standIn = clientNetwork(from.ip);
      return { username: strangersKey(name), network, standIn: standIn && networkKey(standIn), isKnown: false };
    }
    const isKnown = user?.knownNetworks.includes(network) ?? false;
    return {
      username: isKnown ? knownKey(name, network) : strangersKey(name),
      network: networkKey(network),
      standIn: null,
      isKnown,
    };
  }

  /** Refuses cheaply what would be refused anyway, before it waits for its turn. @throws 429 `too_many_attempts` */
  async requireUnblocked({ username, network, standIn }: AttemptKeys): Promise<void> {
    const { attempts } = this.storage;
    const place = this.options.networkLimit > 0 ? (network ?? standIn) : null;
    const keys = place === null ? [username] : [username, place];
    const counters = await Promise.all(keys.map((key) => this.storage.ask('attempts.read', () => attempts.read(key))));
    const until = Math.max(...counters.map((counter) => counter.blockedUntil));
    if (until > this.clock.now()) throw this.#refusal(until);
  }

  /** Counts the attempt as a failure, to be taken back by `succeeded`. @throws 429 `too_many_attempts`; nothing is counted then */
  async count({ username, network }: AttemptKeys): Promise<void> {
    const { attempts } = this.storage;
    const {
      networkLimit: limit,
      networkWindow: window,
      lockout: stopFor,
      freeFailures,
      maxDelay,
      hardLimit,
    } = this.options;
    if (limit > 0 && network !== null) {
      this.#require(
        await this.storage.ask('attempts.countInWindow', () => attempts.countInWindow(network, { limit, window })),
      );
    }
    const policy = { freeFailures, maxDelay, hardLimit, stopFor };
    const outcome = await this.storage.ask('attempts.countFailure', () => attempts.countFailure(username, policy));
    if (!outcome.allowed) await this.#takeBack(network);
    this.#require(outcome);
  }

  async succeeded({ username, network }: AttemptKeys): Promise<void> {
    await this.storage.ask('attempts.clear', () => this.storage.attempts.clear([username]));
    await this.#takeBack(network);
  }

  /** An administrator's unlock. */
  async unlock(user: UserRecord): Promise<void> {
    const { canonicalUsername, knownNetworks } = user;
    const keys = [
      strangersKey(canonicalUsername),
      ...knownNetworks.map((network) => knownKey(canonicalUsername, network)),
    ];
    await this.storage.ask('attempts.clear', () => this.storage.attempts.clear(keys));
  }

  async #takeBack(network: string | null): Promise<void> {
    if (this.options.networkLimit === 0 || network === null) return;
    await this.storage.ask('attempts.takeBack', () => this.storage.attempts.takeBack(network));
  }

  #require(outcome: AttemptOutcome): void {
    if (!outcome.allowed) throw this.#refusal(outcome.retryAt);
  }

  #refusal(until: number) {
    return tooManyAttempts(until - this.clock.now());
  }
}

/** Of one length, whatever was typed. */
function digest(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}

function networkKey(network: string): string {
  return `network:${network}`;
}

function strangersKey(name: string): string {
  return `user:${digest(name)}`;
}

function knownKey(name: string, network: string): string {
  return `user:${digest(name)}@${network}`;
}
