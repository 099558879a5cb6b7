import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { clientNetwork, Clock } from 'nest-gatehouse/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { networkOf, type VisitorAddress } from '../http/http-request.js';
import type { AttemptOutcome } from '../storage/login-attempts.js';
import { tooManyAttempts } from '../auth.problems.js';
import type { AttemptCounter } from '../storage/login-attempts.js';
import type { UserRecord } from '../storage/user-store.js';

/** The keys under which an attempt is counted. */
export interface AttemptKeys {
  /**
   * For the username: one key for all unknown networks together, one for each network that its user has signed in from.
   */
  readonly username: string;
  /** Null if the client's address is unknown: such clients must not be counted together. */
  readonly network: string | null;
  /**
   * If `network` is null: the address that appears as the client's. Nothing is counted for it, but if it is blocked
   * itself, no forged header lifts the block.
   */
  readonly standIn: string | null;
  /** Whether the user has signed in from this network before. */
  readonly isKnown: boolean;
}

/**
 * Slows guessing down (OWASP ASVS 5.0, 6.3.1; NIST SP 800-63B-4, 3.2.2). Every path that checks a password counts here,
 * before the check. An unknown username is counted like any other, so a refusal reveals nothing. The package
 * rate-limiter-flexible does not fit, because the delay grows and is counted beforehand and atomically.
 */
@Injectable()
export class LoginThrottle {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly storage: AuthStorage,
    private readonly clock: Clock,
  ) {}

  /** @param name canonical, or the typed text if that is no valid username */
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

  /** Refuses an attempt that would be refused anyway, before it waits for its turn. @throws 429 `too_many_attempts` */
  async requireUnblocked({ username, network, standIn }: AttemptKeys): Promise<void> {
    const { attempts } = this.storage;
    const place = this.options.networkLimit > 0 ? (network ?? standIn) : null;
    const keys = place === null ? [username] : [username, place];
    const counters = await Promise.all(keys.map((key) => this.storage.ask('attempts.read', () => attempts.read(key))));
    const until = Math.max(...counters.map((counter) => counter.blockedUntil));
    if (until > this.clock.now()) throw this.#refusal(until);
  }

  /**
   * Counts the attempt as a failure, to be taken back by `succeeded`. @throws 429 `too_many_attempts`; nothing is
   * counted then
   */
  async count({ username, network }: AttemptKeys): Promise<void> {
    const { attempts } = this.storage;
    const { networkLimit: limit, networkWindow: window, lockout, freeFailures, maxDelay, hardLimit } = this.options;
    if (limit > 0 && network !== null) {
      this.#require(
        await this.storage.ask('attempts.countInWindow', () => attempts.countInWindow(network, { limit, window })),
      );
    }
    const policy = { freeFailures, maxDelay, hardLimit, lockout };
    const outcome = await this.storage.ask('attempts.countFailure', () => attempts.countFailure(username, policy));
    if (!outcome.allowed) await this.#takeBack(network);
    this.#require(outcome);
  }

  async succeeded({ username, network }: AttemptKeys): Promise<void> {
    await this.storage.ask('attempts.clear', () => this.storage.attempts.clear([username]));
    await this.#takeBack(network);
  }

  /** Forgets the user's failures, for an administrator. */
  async unlock(user: UserRecord): Promise<void> {
    const keys = keysOfUser(user);
    await this.storage.ask('attempts.clear', () => this.storage.attempts.clear(keys));
  }

  /** The highest of the user's counters. */
  async read(user: UserRecord): Promise<AttemptCounter> {
    const { attempts } = this.storage;
    const ask = (key: string) => this.storage.ask('attempts.read', () => attempts.read(key));
    const counters = await Promise.all(keysOfUser(user).map(ask));
    return {
      failures: Math.max(...counters.map(({ failures }) => failures)),
      blockedUntil: Math.max(...counters.map(({ blockedUntil }) => blockedUntil)),
    };
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

/** Makes a key of fixed length from whatever was typed. */
function digest(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}

function networkKey(network: string): string {
  return `network:${network}`;
}

function keysOfUser({ canonicalUsername, knownNetworks }: UserRecord): string[] {
  return [strangersKey(canonicalUsername), ...knownNetworks.map((network) => knownKey(canonicalUsername, network))];
}

function strangersKey(name: string): string {
  return `user:${digest(name)}`;
}

function knownKey(name: string, network: string): string {
  return `user:${digest(name)}@${network}`;
}
