import { NotJsonError, requireJson } from './json-check.js';
import type { DataChanges } from './merge.js';

/** The JSON text of the object's own values. @throws NotJsonError, TooDeepError */
export function serializeData(values: object): string {
  requireAllJson(values);
  return textOf(values);
}

function requireAllJson(values: object): void {
  for (const key of Object.keys(values)) requireJson(values[key as keyof typeof values], key);
}

/** @throws NotJsonError where JSON has no text at all for a value */
function textOf(values: object): string {
  for (const key in values) {
    const type = typeof values[key as keyof typeof values];
    if (type === 'function' || type === 'symbol') throw new NotJsonError(key, `is a ${type}`);
  }
  try {
    return JSON.stringify(values);
  } catch (error) {
    requireAllJson(values);
    throw error;
  }
}

/** Values that are to be saved: all of them as JSON text, and what of them has changed. */
export interface Draft {
  readonly text: string;
  readonly changes: DataChanges;
}

/**
 * What was changed since the data read `base`, or null. Only values whose text has changed are checked, because that
 * takes about as long as writing them. @param checksAll also finds what was put into a value without a change of its
 * text, such as a function. @throws NotJsonError, TooDeepError
 */
export function draftOf(base: string, values: object, checksAll = false): Draft | null {
  if (checksAll) requireAllJson(values);
  const text = textOf(values);
  const changes = text === base ? null : (addedData(base, text, values) ?? diffData(base, values));
  return changes && { text, changes };
}

/**
 * What has been added, if nothing else has changed: then the text goes on where that of `base` ends. Null if it does not.
 */
function addedData(base: string, text: string, values: object): DataChanges | null {
  const former = base === '{}' ? '{' : `${base.slice(0, -1)},`;
  if (!text.startsWith(former)) return null;
  const added = Object.keys(JSON.parse(`{${text.slice(former.length)}`) as object).map((key) => {
    const value: unknown = values[key as keyof typeof values];
    requireJson(value, key);
    return [key, JSON.stringify(value)] as const;
  });
  return { set: new Map(added), unset: new Set() };
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
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined || (had && JSON.stringify(before[key]) === json)) continue;
    requireJson(value, key);
    set.set(key, json);
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
