import { BadCursorError, decodeCursor, encodeCursor } from 'nest-gatehouse/common';

export interface HitPage {
  /** Default 50. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
}

export interface HitList<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly next: string | null;
}

const DEFAULT_LIMIT = 50;

/**
 * A page of what has most hits first, then by name. @param nameOf differs from item to item
 * @throws BadCursorError
 */
export function pageOf<T extends { readonly total: number }>(
  list: string,
  items: readonly T[],
  { limit = DEFAULT_LIMIT, cursor }: HitPage,
  nameOf: (item: T) => string,
): HitList<T> {
  const after = cursor === undefined ? undefined : positionOf(list, cursor);
  const positions = items.map((item): Position & { item: T } => ({ total: item.total, name: nameOf(item), item }));
  const rest = positions.sort(inOrder).filter((position) => after === undefined || inOrder(position, after) > 0);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  const next = last && rest.length > limit ? encodeCursor(list, [last.total, last.name]) : null;
  return { items: shown.map(({ item }) => item), next };
}

interface Position {
  readonly total: number;
  readonly name: string;
}

function positionOf(list: string, cursor: string): Position {
  const [total, name, ...more] = decodeCursor(list, cursor);
  if (more.length > 0 || !Number.isSafeInteger(total) || typeof name !== 'string') throw new BadCursorError();
  return { total: total as number, name };
}

function inOrder(a: Position, b: Position): number {
  if (a.total !== b.total) return b.total - a.total;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
