import { Injectable } from '@nestjs/common';
import { dictionary } from '@zxcvbn-ts/language-common';
import type { Awaitable } from 'nest-gatehouse/session';

/** Passwords that everybody tries first. An application may provide one of its own, such as a service for breached passwords. */
export abstract class PasswordBlocklist {
  /** Whether this password, as a whole, is known to attackers. A list that cannot answer should throw. */
  abstract has(password: string): Awaitable<boolean>;
}

const LEAST_VARIETY = 3;

/**
 * The common passwords of zxcvbn-ts, in any letter case, also written two or three times over: hardly any is as long as a password must
 * be, and that is how people make them so (OWASP ASVS 5.0, 6.2.4).
 */
@Injectable()
export class CommonPasswords extends PasswordBlocklist {
  readonly #common = new Set<string>(dictionary['passwords-common'] as readonly string[]);

  override has(password: string): boolean {
    const folded = password.normalize('NFKC').toLowerCase();
    if (this.#common.has(folded)) return true;
    return [2, 3].some((times) => {
      const unit = folded.slice(0, folded.length / times);
      return unit.repeat(times) === folded && new Set(unit).size >= LEAST_VARIETY && this.#common.has(unit);
    });
  }
}
