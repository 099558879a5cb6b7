import type { DataChanges } from './merge.js';

/** A value in a session that JSON cannot hold. */
export class NotJsonError extends TypeError {
  constructor(readonly key: string) {
    super(
      `The session value ${JSON.stringify(key)} is not JSON; keep strings, numbers, booleans, null, arrays and plain objects.`,
    );
    this.name = 'NotJsonError';
  }
}

/** The JSON text of the object's own values. @throws NotJsonError */
export function serializeData(values: object): string {
  for (const key in values) {
    const type = typeof values[key as keyof typeof values];
    if (type === 'function' || type === 'symbol') throw new NotJsonError(key);
  }
  try {
    return JSON.stringify(values);
  } catch {
    for (const key of Object.keys(values)) serializeValue(values, key);
    throw new NotJsonError('');
  }
}

function serializeValue(values: object, key: string): string | undefined {
  try {
    return JSON.stringify(values[key as keyof typeof values]);
  } catch {
    throw new NotJsonError(key);
  }
}

/** Values that are to be saved: all of them as JSON text, and what of them has changed. */
export interface Draft {
  readonly text: string;
  readonly changes: DataChanges;
}

/** What was changed since the data read `base`, or null. @throws NotJsonError */
export function draftOf(base: string, values: object): Draft | null {
  const text = serializeData(values);
  const changes = text === base ? null : diffData(base, values);
  return changes && { text, changes };
}

function diffData(base: string, values: object): DataChanges | null {
  const before = JSON.parse(base) as Record<string, unknown>;
  const set = new Map<string, string>();
  const unset = new Set<string>();
  for (const key of Object.keys(values)) {
    const value: unknown = values[key as keyof typeof values];
    const had = Object.hasOwn(before, key);
    // Equal by identity can only be a primitive here.
    if (had && value === before[key]) continue;
    const json = serializeValue(values, key);
    if (json === undefined) continue;
    if (!had || JSON.stringify(before[key]) !== json) set.set(key, json);
  }
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(values, key) || values[key as keyof typeof values] === undefined) unset.add(key);
  }
  return set.size > 0 || unset.size > 0 ? { set, unset } : null;
}

/** For each changed key, the JSON text it had in `base`, or null. */
export function formerValues(base: string, changes: DataChanges): Map<string, string | null> {
  const before = JSON.parse(base) as Record<string, unknown>;
  const keys = [...(changes.set?.keys() ?? []), ...(changes.unset ?? [])];
  return new Map(keys.map((key) => [key, Object.hasOwn(before, key) ? JSON.stringify(before[key]) : null]));
}

/** Parses the text that a store returned. Null if it is not one JSON object (a damaged record). */
export function parseData(text: string): Record<string, unknown> | null {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The named values that exist. */
export function pick(values: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(values, key)).map((key) => [key, values[key]]));
}

/** As `pick` of one key, from JSON text to JSON text. */
export function pickText(data: string, key: string): string {
  return JSON.stringify(pick(parseData(data) ?? {}, [key]));
}

/** @throws TypeError if the value is not a number */
export function addTo(values: Record<string, unknown>, key: string, by: number): number {
  const before = Object.hasOwn(values, key) ? values[key] : 0;
  if (typeof before !== 'number')
    throw new TypeError(`The session value ${JSON.stringify(key)} is not a number that can be incremented.`);
  return before + by;
}
