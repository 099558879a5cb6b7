import { mongo } from 'mongoose';

/**
 * Session data in MongoDB: one field per key, so that keys can be changed separately.
 *
 * The name of a field is its key as JSON text, quotes included, with each `.` written as `\u002e`: never empty, never
 * `$…`, never `__proto__`, without dot or NUL, and `JSON.parse` reads it back. A number is stored as a BSON double,
 * which adds like a JavaScript number (an int or a long would overflow); any other value as its JSON text.
 */
export type StoredData = Record<string, StoredValue>;
export type StoredValue = number | string;
/** A value to be written; the driver must not choose an integer type for a number. */
export type WrittenValue = mongo.Double | string;

const ESCAPED_DOT = '\\u002e';

export function fieldName(key: string): string {
  const name = JSON.stringify(key);
  return name.includes('.') ? name.replaceAll('.', ESCAPED_DOT) : name;
}

/** @throws TypeError if `text` is not JSON. */
export function writtenValue(text: string): WrittenValue {
  return toWritten(parseValue(text));
}

/** The fields for the JSON text of a whole object. */
export function toStored(data: string): Record<string, WrittenValue> {
  const values = parseValue(data) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [fieldName(key), toWritten(value)]));
}

/** JSON text of the whole object, with its keys in the order of the fields. */
export function toText(stored: StoredData): string {
  let text = '';
  for (const name in stored) {
    const value = stored[name]!;
    text += `${text === '' ? '{' : ','}${keyText(name)}:${typeof value === 'string' ? value : JSON.stringify(value)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function keyText(name: string): string {
  return name.includes(ESCAPED_DOT) ? JSON.stringify(JSON.parse(name)) : name;
}

function toWritten(value: unknown): WrittenValue {
  if (typeof value !== 'number' || !Number.isFinite(value)) return JSON.stringify(value);
  // JSON has no negative zero; adding 0 removes the sign.
  return new mongo.Double(value + 0);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the text, which may be a secret.
    throw new TypeError('A value of a session must be given as JSON text.');
  }
}
