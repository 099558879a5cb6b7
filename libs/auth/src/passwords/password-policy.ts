import { Inject, Injectable } from '@nestjs/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS, PASSWORD_BLOCKLIST } from '../auth.tokens.js';
import type { PasswordBlocklist } from './password-blocklist.js';
import { MAX_PASSWORD_BYTES } from './password-hasher.js';
import { passwordRejected } from '../auth.problems.js';
import { isWellFormed } from './well-formed.js';

/**
 * Checks the length and the blocklists, and nothing else (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2.1 to 6.2.12).
 */
@Injectable()
export class PasswordPolicy {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'password'>,
    @Inject(PASSWORD_BLOCKLIST) private readonly blocklist: PasswordBlocklist,
  ) {}

  /** What is wrong with this password, in words for its user; empty if it is accepted. */
  async reasonsAgainst(password: string, ownWords: readonly string[] = []): Promise<string[]> {
    const { minLength, blockedWords } = this.options.password;
    const reasons: string[] = [];
    if (!isWellFormed(password)) return ['must be whole characters: half of one is in it'];
    if ([...password.normalize('NFC')].length < minLength) reasons.push(`must have at least ${minLength} characters`);
    if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
      reasons.push(`must have at most ${MAX_PASSWORD_BYTES} bytes`);
      return reasons;
    }
    if (await this.blocklist.has(password)) reasons.push('is one that everybody tries first');
    const folded = fold(password);
    if ([...ownWords, ...blockedWords].some((word) => fold(word) === folded))
      reasons.push('is a name or a word of this account or service');
    return reasons;
  }

  /** @throws ProblemException 422 `password_rejected` */
  async require(field: string, password: string, ownWords?: readonly string[]): Promise<void> {
    const reasons = await this.reasonsAgainst(password, ownWords);
    if (reasons.length > 0) throw passwordRejected(field, reasons);
  }
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
