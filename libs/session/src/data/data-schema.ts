import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Awaitable, isPromise, whenReady } from 'nest-gatehouse/common';

/** What the data of a session must look like. */
export interface DataSchemaOptions {
  /** A Standard Schema (zod 4, valibot, arktype): checks the data of a stored session when it is opened. */
  readonly schema: StandardSchemaV1<unknown, object>;
  /** The version that `schema` describes. Default 0. Data of a higher version does not fit. */
  readonly version?: number;
  /**
   * Migrations by target version: number `n` turns data of version `n - 1` into data of version `n`. A missing step
   * leaves the data as it is. Runs on a copy; the result is saved with the request's own changes.
   */
  readonly migrations?: Readonly<Record<number, (data: Record<string, unknown>) => Record<string, unknown>>>;
}

export type DataCheck =
  { readonly fits: true; readonly data: object } | { readonly fits: false; readonly reason: string };

/** Migrates and checks stored data. Never throws: an error becomes the reason why the data does not fit. */
export function checkData(options: DataSchemaOptions, storedVersion: number, data: object): Awaitable<DataCheck> {
  const version = options.version ?? 0;
  if (storedVersion > version) {
    return { fits: false, reason: `data of schema version ${storedVersion}, newer than ${version}` };
  }
  try {
    let migrated = data as Record<string, unknown>;
    for (let step = storedVersion + 1; step <= version; step++) {
      migrated = options.migrations?.[step]?.(migrated) ?? migrated;
    }
    const result = options.schema['~standard'].validate(migrated);
    const checked = whenReady(result, toCheck);
    return isPromise(checked) ? checked.catch(failed) : checked;
  } catch (error) {
    return failed(error);
  }
}

function toCheck(result: StandardSchemaV1.Result<object>): DataCheck {
  if (!result.issues) return { fits: true, data: result.value };
  // Paths only: a message may quote the value.
  const paths = result.issues.map((issue) => (issue.path ?? []).map(segmentName).join('.') || '(data)');
  return { fits: false, reason: `the schema refuses ${[...new Set(paths)].join(', ')}` };
}

function segmentName(segment: PropertyKey | StandardSchemaV1.PathSegment): string {
  return String(typeof segment === 'object' ? segment.key : segment);
}

function failed(error: unknown): DataCheck {
  return { fits: false, reason: `a migration or the schema threw ${error instanceof Error ? error.name : 'an error'}` };
}
