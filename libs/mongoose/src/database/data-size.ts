import type { mongo } from 'mongoose';

// A double takes 8 bytes in BSON and at most 25 as JSON text. A text takes 5 bytes more in BSON than its JSON; these
// are not subtracted.
const NUMBER_GROWTH = 17;
// The shortest field with the longest number: 12 bytes in BSON, 29 as text.
const MAX_GROWTH = 3;
/** The longest text of a number, such as `-0.0000012345678901234567`. */
export const MAX_NUMBER_BYTES = 25;

/** How an update changes the size of a session's data. */
export interface SizeChange {
  /** Names of the fields that are written or removed. */
  readonly names: readonly string[];
  /** Bytes that the written fields will take in the JSON text, at most. */
  readonly bytes: number;
}

export function fieldBytes(name: string, valueBytes: number): number {
  return Buffer.byteLength(name) + valueBytes + 2;
}

/**
 * A condition that is true only if the JSON of the data certainly stays within `maxBytes`. MongoDB computes an upper
 * bound cheaply, a few bytes per field above the exact size. If it is false, the exact size must be computed.
 */
export function certainlyFits(change: SizeChange, maxBytes: number): mongo.Document {
  const room = maxBytes - 2 - change.bytes;
  const farWithin = { $lte: [{ $multiply: [MAX_GROWTH, { $bsonSize: '$data' }] }, room] };
  return { $or: [farWithin, upperBound(change, maxBytes, room)] };
}

/** Takes time for every field, so it is computed only near the limit. */
function upperBound(change: SizeChange, maxBytes: number, room: number): mongo.Document {
  const all = {
    $add: [{ $bsonSize: '$data' }, { $multiply: [NUMBER_GROWTH, { $size: { $objectToArray: '$data' } }] }],
  };
  // The replaced values are subtracted only if they may be large; not subtracting them is safe.
  if (change.bytes <= maxBytes / 16) return { $lte: [all, room] };

  const replaced = Object.fromEntries(change.names.map((name, position) => [position, `$data.${name}`]));
  const framing = change.names.reduce((sum, _, position) => sum + 2 + String(position).length, 0);
  return { $lte: [{ $subtract: [all, { $bsonSize: replaced }] }, room - framing] };
}
