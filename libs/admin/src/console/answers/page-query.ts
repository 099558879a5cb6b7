import { ProblemException, type FieldError } from 'nest-gatehouse/common';
import type { z } from 'zod';

/** What a browser's form sends for a time: without seconds, or without a zone; the console's are in UTC. */
const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

export type Fields = Readonly<Record<string, string | undefined>>;

/**
 * The fields of a query or a form as text. Empty ones count as absent, as forms send all of theirs; of a field that is
 * there more than once the first counts.
 */
export function fieldsOf(given: unknown): Record<string, string> {
  if (typeof given !== 'object' || given === null) return {};
  const texts = Object.entries(given).flatMap(([name, value]: [string, unknown]) => {
    const text: unknown = Array.isArray(value) ? value[0] : value;
    return typeof text === 'string' && text.trim() !== '' ? [[name, text.trim()] as const] : [];
  });
  return Object.fromEntries(texts);
}

/** All values of a field that may be there more than once. */
export function valuesOf(given: unknown, name: string): string[] {
  const value: unknown = typeof given === 'object' && given !== null ? (given as Record<string, unknown>)[name] : [];
  return [value].flat().filter((text) => typeof text === 'string' && text !== '') as string[];
}

/** With its zone and its seconds, as the REST routes want it. */
export function inUtc(time: string): string {
  if (!LOCAL_TIME.test(time)) return time;
  return time.length === 16 ? `${time}:00Z` : `${time}Z`;
}

/** @param times the fields that are times */
export function timesInUtc(fields: Fields, times: readonly string[]): Fields {
  const inTime = Object.entries(fields).map(([name, value]) => [
    name,
    value !== undefined && times.includes(name) ? inUtc(value) : value,
  ]);
  return Object.fromEntries(inTime) as Fields;
}

/** @returns what was read, or the problem that names each field. */
export function readFields<T>(
  schema: z.ZodType<T>,
  fields: Fields,
  times: readonly string[] = [],
): { readonly query: T; readonly problem: null } | { readonly query: null; readonly problem: ProblemException } {
  const read = schema.safeParse(timesInUtc(fields, times));
  if (read.success) return { query: read.data, problem: null };
  const errors = read.error.issues.map(({ path, message }): FieldError => ({ field: path.join('.'), message }));
  const problem = new ProblemException(400, 'filter_invalid', 'This list cannot be searched like that.', { errors });
  return { query: null, problem };
}

/** `?name=value&…` of the fields that are there, or the empty text. */
export function searchOf(fields: Fields): string {
  const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  const text = new URLSearchParams(given).toString();
  return text === '' ? '' : `?${text}`;
}
