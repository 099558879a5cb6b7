/** A page was requested with a cursor that this list has not returned. */
export class BadCursorError extends Error {
  constructor() {
    super('The cursor is not one that this list gave out; start again without it.');
    this.name = 'BadCursorError';
  }
}

/** The position where a page of a list begins, as opaque text. @param list which list and order it belongs to */
export function encodeCursor(list: string, position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...position])).toString('base64url');
}

/** @returns the position. @throws BadCursorError for anything that `encodeCursor` did not make for the same list */
export function decodeCursor(list: string, cursor: string): readonly unknown[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new BadCursorError();
  }
  if (!Array.isArray(parts)) throw new BadCursorError();
  const [madeFor, ...position] = parts as unknown[];
  if (madeFor !== list) throw new BadCursorError();
  return position;
}
