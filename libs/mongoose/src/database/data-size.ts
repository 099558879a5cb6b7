import type { mongo } from 'mongoose';

// A double takes 8 bytes and at most 25 as text; a text takes 5 bytes more than its JSON, which are left uncounted.
const NUMBER_GROWTH = 17;
// The shortest field with the longest number: 12 bytes in BSON, 29 as text.
const MAX_GROWTH = 3;
/** The longest text of a number, such as `-0.0000012345678901234567`. */
export const MAX_NUMBER_BYTES = 25;

/** What an update makes of the size of a session's data. */
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
 * Holds only if the data stays within `maxBytes` of JSON for certain: an upper bound that MongoDB reckons cheaply, a few
 * bytes a field above the truth. Where it does not hold, the true size must be looked at.
 */
export function surelyFits(change: SizeChange, maxBytes: number): mongo.Document {
  const room = maxBytes - 2 - change.bytes;
  const farWithin = { $lte: [{ $multiply: [MAX_GROWTH, { $bsonSize: '$data' }] }, room] };
  return { $or: [farWithin, reckoned(change, maxBytes, room)] };
}

/** Costs time for every field there is, so it is asked only where the limit comes near. */
function reckoned(change: SizeChange, maxBytes: number, room: number): mongo.Document {
  const all = {
    $add: [{ $bsonSize: '$data' }, { $multiply: [NUMBER_GROWTH, { $size: { $objectToArray: '$data' } }] }],
  };
  // What is replaced matters only where it may be much; leaving it out is on the safe side.
  if (change.bytes <= maxBytes / 16) return { $lte: [all, room] };

  const replaced = Object.fromEntries(change.names.map((name, position) => [position, `$data.${name}`]));
  const framing = change.names.reduce((sum, _, position) => sum + 2 + String(position).length, 0);
  return { $lte: [{ $subtract: [all, { $bsonSize: replaced }] }, room - framing] };
}
