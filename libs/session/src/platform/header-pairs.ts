type HeaderPair = readonly [name: string, value: string | string[]];

/** The headers of `writeHead` in each of its forms: an object, a flat list, a list of pairs. */
export function headerPairs(headers: unknown): HeaderPair[] {
  return pairsOf(headers)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : String(value)]);
}

function pairsOf(headers: unknown): readonly (readonly [string, unknown])[] {
  if (!Array.isArray(headers)) return Object.entries(headers ?? {});
  if (Array.isArray(headers[0])) return headers as [string, unknown][];
  return headers.flatMap((name: string, at) => (at % 2 === 0 ? [[name, headers[at + 1] as unknown] as const] : []));
}
