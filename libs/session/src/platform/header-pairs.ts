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

/** Whether headers in any of the forms that `writeHead` takes have this name, given in lower case. */
export function hasName(headers: unknown, name: string): boolean {
  if (Array.isArray(headers)) return headerPairs(headers).some(([other]) => isName(other, name));
  for (const other in headers as object | null | undefined) if (isName(other, name)) return true;
  return false;
}

function isName(text: string, name: string): boolean {
  return text.length === name.length && text.toLowerCase() === name;
}
