/**
 * Everything that moves a cursor, ends a line, colours, hides or turns text around: control characters (C0, DEL, C1), line and paragraph
 * separators, invisible format characters such as bidirectional overrides, and halves of surrogate pairs.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The same text with each invisible character written out, such as `\u001b`: safe on a terminal, and in a log of lines (OWASP ASVS 5.0, 16.4.1). */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, (sign) => {
    const code = sign.codePointAt(0)!;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** At most so many characters, none of them half. */
export function shortText(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
