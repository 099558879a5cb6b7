import { type DataChanges, hasChanges, type SessionFields, type SessionUpdate } from 'nest-gatehouse/session/storage';
import { mongo } from 'mongoose';
import { fieldBytes, MAX_NUMBER_BYTES, certainlyFits } from '../database/data-size.js';
import { fieldChanges, type Fields } from './session-document.js';
import { fieldName, toStored, writtenValue, type WrittenValue } from '../schema/stored-data.js';

/** One atomic operation: if `conditions` hold, `update` does exactly what is asked for. */
export interface SessionChange {
  readonly conditions: mongo.Document;
  readonly update: mongo.Document;
}

// Beyond this a sum might become infinite, which JSON cannot hold.
const MAX_SUMMAND = 1e300;

/** Null if one operation cannot decide, or has nothing to write: then the session must be read first. */
export function sessionChange(change: SessionUpdate): SessionChange | null {
  const { data = {}, fields, expected, maxDataBytes, fence, ifVersion } = change;
  if (change.replacement !== undefined) return wholeChange(change.replacement, change);
  const writes = dataWrites(data);
  if (!writes) return null;

  const { set, unset } = fieldChanges(fields);
  const increment: Fields = { ...writes.increment };
  Object.assign(set, writes.set);
  Object.assign(unset, writes.unset);
  const changed = hasChanges(data);
  if (changed) increment['version'] = 1;
  if (fence !== undefined) set['fence'] = fence;
  const update = updateOf(set, unset, increment);
  if (!update) return null;

  const never: mongo.Document[] = [...writes.never];
  if (fence !== undefined) never.push({ fence: { $gt: fence } });
  const conditions: mongo.Document = { ...stillHolds(expected), ...hasVersion(ifVersion), ...movesDay(fields) };
  if (never.length > 0) conditions['$nor'] = never;
  if (changed && maxDataBytes !== undefined) conditions['$expr'] = certainlyFits(writes, maxDataBytes);
  return { conditions, update };
}

/** Null if it is too large: whether the session still lives must be known first. */
function wholeChange(text: string, { fields, fence, ifVersion, maxDataBytes }: SessionUpdate): SessionChange | null {
  const dataBytes = Buffer.byteLength(text);
  if (dataBytes > (maxDataBytes ?? Infinity)) return null;
  return wholeState(ifVersion, { data: toStored(text), dataBytes, fields, fence });
}

/** Writes a whole state that was computed from `version` of the session, and only if it still has that version; undefined: whichever. */
export function wholeState(
  version: number | undefined,
  state: {
    readonly data: Record<string, WrittenValue> | null;
    /** The size of `data` as JSON. */
    readonly dataBytes: number;
    readonly fields?: SessionFields;
    readonly fence?: number;
    /** By how much the version rises with `data`. */
    readonly versions?: number;
  },
): SessionChange | null {
  const { set, unset } = fieldChanges(state.fields);
  if (state.data) Object.assign(set, { data: state.data, dataBytes: state.dataBytes });
  if (state.fence !== undefined) set['fence'] = state.fence;
  const update = updateOf(set, unset, state.data ? { version: state.versions ?? 1 } : {});
  if (!update) return null;
  const conditions: mongo.Document = { ...hasVersion(version), ...movesDay(state.fields) };
  if (state.fence !== undefined) conditions['$nor'] = [{ fence: { $gt: state.fence } }];
  return { conditions, update };
}

export function updateOf(set: Fields, unset: Fields, increment: Fields = {}): mongo.Document | null {
  const update: mongo.Document = {};
  if (Object.keys(set).length > 0) update['$set'] = set;
  if (Object.keys(unset).length > 0) update['$unset'] = unset;
  if (Object.keys(increment).length > 0) update['$inc'] = increment;
  return Object.keys(update).length > 0 ? update : null;
}

interface DataWrites {
  readonly set: Fields;
  readonly unset: Fields;
  readonly increment: Fields;
  /** Conditions of which none may hold. */
  readonly never: readonly mongo.Document[];
  readonly names: readonly string[];
  readonly bytes: number;
}

function dataWrites({ set, unset, increment }: DataChanges): DataWrites | null {
  const written: Fields = {};
  const removed: Fields = {};
  const added: Fields = {};
  const never: mongo.Document[] = [];
  const names = new Set<string>();
  let bytes = 0;
  for (const [key, text] of set ?? []) {
    if (unset?.has(key)) continue;
    const name = fieldName(key);
    const value = writtenValue(text);
    names.add(name);
    written[`data.${name}`] = value;
    bytes += fieldBytes(name, typeof value === 'string' ? Buffer.byteLength(value) : MAX_NUMBER_BYTES);
  }
  for (const key of unset ?? []) {
    const name = fieldName(key);
    names.add(name);
    removed[`data.${name}`] = '';
  }
  for (const [key, amount] of increment ?? []) {
    const name = fieldName(key);
    const path = `data.${name}`;
    if (names.has(name) || !(Math.abs(amount) <= MAX_SUMMAND)) return null;
    names.add(name);
    added[path] = new mongo.Double(amount);
    bytes += fieldBytes(name, MAX_NUMBER_BYTES);
    never.push({ [path]: { $type: 'string' } }, { [path]: { $gt: MAX_SUMMAND } }, { [path]: { $lt: -MAX_SUMMAND } });
  }
  return { set: written, unset: removed, increment: added, never, names: [...names], bytes };
}

function hasVersion(version: number | undefined): mongo.Document {
  return version === undefined ? {} : { version };
}

/** Of several updates with the same day, one is the first. */
export function movesDay({ countedDay }: SessionFields = {}): mongo.Document {
  return countedDay === undefined ? {} : { countedDay: { $not: { $gte: countedDay } } };
}

function stillHolds(expected: SessionUpdate['expected']): mongo.Document {
  const conditions: mongo.Document = {};
  for (const [key, text] of expected ?? []) {
    conditions[`data.${fieldName(key)}`] = text === null ? { $exists: false } : { $eq: writtenValue(text) };
  }
  return conditions;
}
