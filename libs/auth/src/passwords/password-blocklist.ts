import { brotliDecompressSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { dictionary } from '@zxcvbn-ts/language-common';
import type { Awaitable } from 'nest-gatehouse/common';
import { LONG_COMMON_PASSWORDS } from './common-passwords.data.js';

/**
 * Passwords that attackers try first. An application may provide its own list, such as a service for breached
 * passwords.
 */
export abstract class PasswordBlocklist {
  /** Whether this password, as a whole, is known to attackers. A list that cannot answer should throw. */
  abstract has(password: string): Awaitable<boolean>;
}

const MIN_VARIETY = 3;
const TOP_RANKS = 1_000;

interface Lists {
  readonly common: ReadonlySet<string>;
  readonly mostCommon: ReadonlySet<string>;
}

/** Of the whole process. Read at the first use: most processes that load the library never set a password. */
let lists: Lists | undefined;

/**
 * The common passwords of zxcvbn-ts and, for each possible `minLength`, the 3,000 most common of ten million leaked
 * ones (OWASP ASVS 5.0, 6.2.4), ignoring letter case. Also any of them repeated, and two of the thousand most common in
 * a row, because people make passwords long that way.
 */
@Injectable()
export class CommonPasswords extends PasswordBlocklist {
  override has(password: string): boolean {
    const folded = password.normalize('NFKC').toLowerCase();
    const { common, mostCommon } = (lists ??= readLists());
    if (common.has(folded)) return true;
    for (let at = 1; at < folded.length; at++) {
      const [first, rest] = [folded.slice(0, at), folded.slice(at)];
      if (mostCommon.has(first) && mostCommon.has(rest)) return true;
      if (isRepeated(first, folded) && new Set(first).size >= MIN_VARIETY && common.has(first)) return true;
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
  return { common: new Set([...ranked, ...long]), mostCommon: new Set(ranked.slice(0, TOP_RANKS)) };
}
