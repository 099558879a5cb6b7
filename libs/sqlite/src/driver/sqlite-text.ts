const ESCAPE = '\u0001';
const NUL = '\u0000';

/**
 * The stored form of a text: a driver may take a NUL character for its end, so that `'admin\0x'` would become
 * `'admin'`.
 */
export function toText(value: string): string {
  if (!value.includes(NUL) && !value.includes(ESCAPE)) return value;
  return value.replaceAll(ESCAPE, `${ESCAPE}${ESCAPE}`).replaceAll(NUL, `${ESCAPE}0`);
}

export function fromText(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  const characters = [...text];
  let value = '';
  for (let i = 0; i < characters.length; i++) {
    if (characters[i] !== ESCAPE) value += characters[i];
    else value += characters[++i] === '0' ? NUL : ESCAPE;
  }
  return value;
}

export function toOptionalText(value: string | null): string | null {
  return value === null ? null : toText(value);
}

export function fromOptionalText(text: unknown): string | null {
  return text === null ? null : fromText(text as string);
}
