import { applyDataChanges, sizedData } from '../data/merge.js';
import { frozenRecord } from './frozen-record.js';
import type { SessionFields, SessionRecord } from './session-record.js';
import type { RotationOutcome, SecretRotation, SessionUpdate, UpdateOutcome } from './session-store.js';

export interface ChangedRecord<Outcome> {
  readonly outcome: Outcome;
  /** Frozen. Null if the outcome is a refusal, and the record stays as it is. */
  readonly record: SessionRecord | null;
}

/** What `SessionStore.update` does to a live record, for stores that change records in this process. */
export function updateRecord(record: SessionRecord, update: SessionUpdate): ChangedRecord<UpdateOutcome> {
  const fence = update.fence ?? record.fence;
  if (fence < record.fence) return { outcome: { status: 'fenced' }, record: null };

  const { data: changes, replacement, ifVersion = record.version, expected, maxDataBytes } = update;
  if (ifVersion !== record.version) return { outcome: { status: 'stale', version: record.version }, record: null };

  const whole = update.whole?.version === record.version ? update.whole.data : undefined;
  const change =
    replacement === undefined
      ? applyDataChanges(record.data, changes, { expected, maxDataBytes, whole })
      : sizedData(replacement, maxDataBytes);
  if (change.status !== 'changed' && change.status !== 'unchanged') return { outcome: change, record: null };

  const changed = change.status === 'changed';
  const data = changed ? change.data : record.data;
  const version = changed ? record.version + 1 : record.version;
  const { secretHash, formerSecretHash, formerSecretUntil, secretIssuedAt } = record;
  const own = { secretHash, formerSecretHash, formerSecretUntil, secretIssuedAt, data, version, fence };
  const after = frozenRecord(record, update.fields, own);
  const outcome = { status: 'updated', version, data } as const;
  return { outcome: after.countedDay > record.countedDay ? { ...outcome, firstOfDay: true } : outcome, record: after };
}

/** What `SessionStore.rotate` does to a live record. */
export function rotateRecord(record: SessionRecord, rotation: SecretRotation): ChangedRecord<RotationOutcome> {
  if (record.secretHash !== rotation.expectedSecretHash) return { outcome: 'stale', record: null };
  const graced = rotation.graceUntil > 0;
  const { data, version, fence } = record;
  const own = {
    secretHash: rotation.secretHash,
    formerSecretHash: graced ? record.secretHash : null,
    formerSecretUntil: graced ? rotation.graceUntil : 0,
    secretIssuedAt: rotation.issuedAt,
    data,
    version,
    fence,
  };
  return { outcome: 'rotated', record: frozenRecord(record, rotation.fields, own) };
}

/** A copy to keep until a queued update is made, so that later changes by the caller do not affect it. */
export function copyOfUpdate(update: SessionUpdate): SessionUpdate {
  const { data, expected } = update;
  return {
    ...update,
    fields: copyOfFields(update.fields),
    expected: expected && new Map(expected),
    data: data && {
      set: data.set && new Map(data.set),
      unset: data.unset && new Set(data.unset),
      increment: data.increment && new Map(data.increment),
    },
  };
}

export function copyOfRotation(rotation: SecretRotation): SecretRotation {
  return { ...rotation, fields: copyOfFields(rotation.fields) };
}

function copyOfFields(fields: SessionFields | undefined): SessionFields | undefined {
  return fields && { ...fields, amr: fields.amr && [...fields.amr] };
}
