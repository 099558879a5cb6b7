interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const LIMIT = 200;

/** Everything in a list, page by page. */
export async function allPages<T>(list: (page: { limit: number; cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: LIMIT, cursor });
    found.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return found;
}
