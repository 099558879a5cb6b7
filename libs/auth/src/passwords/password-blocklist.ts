import { brotliDecompressSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { dictionary } from '@zxcvbn-ts/language-common';
import type { Awaitable } from 'nest-gatehouse/common';
import { LONG_COMMON_PASSWORDS } from './common-passwords.data.js';

/** Passwords that everybody tries first. An application may provide one of its own, such as a service for breached passwords. */
export abstract class PasswordBlocklist {
  /** Whether this password, as a whole, is known to attackers. A list that cannot answer should throw. */
  abstract has(password: string): Awaitable<boolean>;
}

const LEAST_VARIETY = 3;
const MOST_COMMON = 1_000;

interface Lists {
  readonly common: ReadonlySet<string>;
  readonly mostCommon: ReadonlySet<string>;
}

/**
 * The common passwords of zxcvbn-ts and, for each length that may be the least, the 3,000 most common of ten million that leaked (OWASP ASVS 5.0, 6.2.4), in
 * any letter case. Also one of them written over and over, and two of the thousand most common in a row: that is how people make them long.
 */
@Injectable()
export class CommonPasswords extends PasswordBlocklist {
  #lists: Lists | undefined;

  override has(password: string): boolean {
    const folded = password.normalize('NFKC').toLowerCase();
    // Read at the first use: most processes that load the library never set a password.
    const { common, mostCommon } = (this.#lists ??= readLists());
    if (common.has(folded)) return true;
    for (let at = 1; at < folded.length; at++) {
      const [first, rest] = [folded.slice(0, at), folded.slice(at)];
      if (mostCommon.has(first) && mostCommon.has(rest)) return true;
      if (isRepeated(first, folded) && new Set(first).size >= LEAST_VARIETY && common.has(first)) return true;
    }
    return false;
  }
}

function isRepeated(unit: string, text: string): boolean {
  return text.length % unit.length === 0 && text === unit.repeat(text.length / unit.length);
}

function readLists(): Lists {
  const ranked = dictionary['passwords-common'] as readonly string[];
  const long = brotliDecompressSync(Buffer.from(LONG_COMMON_PASSWORDS, 'base64')).toString().split('\n');
  return { common: new Set([...ranked, ...long]), mostCommon: new Set(ranked.slice(0, MOST_COMMON)) };
}
