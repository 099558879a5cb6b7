import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { PasswordVerifier } from './password-verifier.js';
import { passwordCheckFailed } from '../auth.problems.js';
import type { HashedPassword } from './stored-hash.js';

const MAX_TIMER = 2 ** 31 - 1;

/**
 * Hashes that only the application's own `PasswordVerifier` can check, if it has one. A verifier that fails signs
 * nobody in.
 */
@Injectable()
export class ForeignHashes {
  readonly #logger = new Logger('Gatehouse');

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'hashWait'>,
    @Optional() private readonly verifier?: PasswordVerifier,
  ) {}

  /** The hash if it is one for the verifier. @throws ProblemException 503 `password_check_failed` */
  recognise({ passwordHash, pepperId }: HashedPassword): string | null {
    if (!this.verifier || passwordHash === null || typeof pepperId === 'string') return null;
    try {
      return this.verifier.recognises(passwordHash) ? passwordHash : null;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** @throws ProblemException 503 `password_check_failed` */
  async matches(password: string, passwordHash: string): Promise<boolean> {
    try {
      return (await this.#inTime(this.verifier!.verify(password, passwordHash))) === true;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /**
   * Takes as long as `matches`, for users who have no such hash. @throws ProblemException 503 `password_check_failed`
   */
  async spend(password: string): Promise<void> {
    if (this.verifier) await this.matches(password, this.verifier.dummyHash);
  }

  /** A verifier that never answers would keep its turn in the queue for ever. */
  #inTime<T>(answer: Promise<T>): Promise<T> {
    const { hashWait } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), Math.min(hashWait, MAX_TIMER));
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  /** Does not log the error's message, which may contain the hash or the password. */
  #failure(error: unknown) {
    this.#logger.error(`The PasswordVerifier failed (${error instanceof Error ? error.name : typeof error}).`);
    return passwordCheckFailed();
  }
}
