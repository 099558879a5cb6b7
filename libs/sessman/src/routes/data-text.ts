import type { DataChanges } from 'nest-gatehouse/session/storage';
import { fieldInvalid } from '../sessman.problems.js';

/** The JSON text of a session's data; none is an empty object. @throws ProblemException 400 `data_invalid` */
export function dataText(data: Record<string, unknown> = {}): string {
  return textOf('data', data);
}

export interface Patch {
  readonly set?: Record<string, unknown>;
  readonly unset?: readonly string[];
  readonly increment?: Record<string, number>;
}

/** @throws ProblemException 400 `set_invalid` */
export function dataChanges({ set = {}, unset = [], increment = {} }: Patch): DataChanges {
  return {
    set: new Map(Object.keys(set).map((key) => [key, textOf('set', set[key])])),
    unset: new Set(unset),
    increment: new Map(Object.entries(increment)),
  };
}

function textOf(field: string, value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // It came as JSON, so only its depth can be too much.
    throw fieldInvalid(field, 'expected values that are nested less deeply');
  }
}
