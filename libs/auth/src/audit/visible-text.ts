/**
 * Everything that moves a cursor, ends a line, or colours, hides or reverses text: control characters (C0, DEL, C1),
 * line and paragraph separators, invisible format characters such as bidirectional overrides, and halves of surrogate
 * pairs.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Escapes each invisible character, such as `\u001b`, so that the text is safe on a terminal and in a line of a log
 * (OWASP ASVS 5.0, 16.4.1).
 */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, (sign) => {
    const code = sign.codePointAt(0)!;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** At most `length` UTF-16 units, without half a character at the end. */
export function shortText(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
