/** Changes of single keys, so that two requests that change different keys both succeed. */
export interface DataChanges {
  /** Key to the JSON text of its new value. */
  readonly set?: ReadonlyMap<string, string>;
  readonly unset?: ReadonlySet<string>;
  /** Key to the amount to add. An absent key counts as 0. Applied after `set` and `unset`. */
  readonly increment?: ReadonlyMap<string, number>;
}

export interface DataConditions {
  /** Key to the JSON text that it must still hold; null: it must be absent. */
  readonly expected?: ReadonlyMap<string, string | null>;
  /** The most bytes that the new JSON may have in UTF-8. */
  readonly maxDataBytes?: number;
  /** The outcome, if the data has not changed since it was made. */
  readonly whole?: string;
}

export type DataOutcome =
  | { readonly status: 'changed'; readonly data: string }
  | { readonly status: 'unchanged' }
  | { readonly status: 'conflict'; readonly keys: readonly string[] }
  | { readonly status: 'not_a_number'; readonly key: string }
  | { readonly status: 'too_large'; readonly bytes: number };

type Values = Record<string, unknown>;

/** Each of them is searched for in the whole text; from about so many on parsing is quicker. */
const MAX_APPENDED = 64;

const UNCHANGED: DataOutcome = { status: 'unchanged' };

export function hasChanges(changes: DataChanges | undefined): changes is DataChanges {
  return changes !== undefined && (changes.set?.size || changes.unset?.size || changes.increment?.size || 0) > 0;
}

/**
 * Merges `changes` into the JSON text of a session's data: `set` and `unset`, then `increment`. Every key is plain
 * data, `__proto__` too.
 */
export function applyDataChanges(
  data: string,
  changes: DataChanges | undefined,
  conditions: DataConditions = {},
): DataOutcome {
  const { expected, maxDataBytes, whole } = conditions;
  const changing = hasChanges(changes);
  if (changing && whole !== undefined) return sizedData(whole, maxDataBytes);
  if (!changing && !expected?.size) return UNCHANGED;
  const appended = expected?.size ? null : appendedText(data, changes!);
  if (appended !== null) return sizedData(appended, maxDataBytes);

  const values = JSON.parse(data) as Values;
  const keys = expected?.size ? keysThatDiffer(values, expected) : [];
  if (keys.length > 0) return { status: 'conflict', keys };
  if (!changing) return UNCHANGED;

  changes.set?.forEach((text, key) => put(values, key, parseValue(text)));
  changes.unset?.forEach((key) => delete values[key]);
  for (const [key, amount] of changes.increment ?? []) {
    const before = Object.hasOwn(values, key) ? values[key] : 0;
    const sum = typeof before === 'number' ? before + amount : Number.NaN;
    if (!Number.isFinite(sum)) return { status: 'not_a_number', key };
    put(values, key, sum);
  }

  return sizedData(JSON.stringify(values), maxDataBytes);
}

/**
 * The text with new keys at its end, which takes a small part of the time of parsing and writing it. Null where keys may
 * be there, or something else is to change. A key that is there, written in another way, would be replaced all the same:
 * of two values of one name `JSON.parse` takes the last.
 */
function appendedText(data: string, { set, unset, increment }: DataChanges): string | null {
  if (!set?.size || set.size > MAX_APPENDED || unset?.size || increment?.size) return null;
  if (data !== '{}' && !(data.startsWith('{"') && data.endsWith('}'))) return null;
  let added = '';
  for (const [key, text] of set) {
    const name = JSON.stringify(key);
    // Names of whole numbers come first in what JSON.stringify writes.
    if (/^\d/.test(key) || data.includes(`${name}:`)) return null;
    added += `${added === '' ? '' : ','}${name}:${JSON.stringify(parseValue(text))}`;
  }
  return data === '{}' ? `{${added}}` : `${data.slice(0, -1)},${added}}`;
}

/** The outcome of changing all data to this text. */
export function sizedData(data: string, maxDataBytes: number | undefined): DataOutcome {
  const bytes = maxDataBytes === undefined ? 0 : Buffer.byteLength(data);
  return maxDataBytes !== undefined && bytes > maxDataBytes
    ? { status: 'too_large', bytes }
    : { status: 'changed', data };
}

function put(values: Values, key: string, value: unknown): void {
  // Assigning to this one name would call the setter of Object.prototype.
  if (key === '__proto__') {
    Object.defineProperty(values, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    values[key] = value;
  }
}

function keysThatDiffer(values: Values, expected: ReadonlyMap<string, string | null>): string[] {
  return [...expected].filter(([key, text]) => !holds(values, key, text)).map(([key]) => key);
}

function holds(values: Values, key: string, text: string | null): boolean {
  if (!Object.hasOwn(values, key)) return text === null;
  if (text === null) return false;
  const current = JSON.stringify(values[key]);
  return current === text || current === JSON.stringify(parseValue(text));
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be a secret.
    throw new TypeError('A value of a session must be given as JSON text.');
  }
}
