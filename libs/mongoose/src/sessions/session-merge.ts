import {
  type SessionFields,
  type SessionRecord,
  type SessionUpdate,
  type UpdateOutcome,
  updateRecord,
} from 'nest-gatehouse/session/storage';
import { toStored } from '../schema/stored-data.js';
import { type SessionChange, wholeState } from './session-change.js';
import type { UpdateResult } from './update-queue.js';

export interface Merge {
  /** What each update has come to, if the change is made. */
  readonly results: readonly UpdateResult[];
  /** Null if there is nothing to write. */
  readonly change: SessionChange | null;
}

/** Makes the updates in order, in this process, on what was read. The change applies only to that version. */
export function mergeUpdates(seen: SessionRecord, updates: readonly SessionUpdate[]): Merge {
  let record = seen;
  let fence: number | undefined;
  const fields: SessionFields = {};
  const results = updates.map((update): UpdateResult => {
    try {
      const { outcome, record: after } = updateRecord(record, update);
      if (after) {
        record = after;
        fence = update.fence ?? fence;
        take(fields, update.fields, outcome);
      }
      return { status: 'fulfilled', value: outcome };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  });
  const data = record.version === seen.version ? null : toStored(record.data);
  const versions = record.version - seen.version;
  return {
    results,
    change: wholeState(seen.version, { data, dataBytes: Buffer.byteLength(record.data), fields, fence, versions }),
  };
}

/** `countedDay` only of the update that moves it: the write depends on that it does. */
function take(all: SessionFields, fields: SessionFields = {}, outcome: UpdateOutcome): void {
  const { countedDay, ...others } = fields;
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  Object.assign(all, Object.fromEntries(given));
  if (outcome.status === 'updated' && outcome.firstOfDay) Object.assign(all, { countedDay });
}
