import { AssertionError } from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import { sessionStoreContract, type StorageHarnessFactory, type TestRunner } from 'nest-gatehouse/testing';

/** Thrown where a rule needs what a store does not claim to have. */
export class NotOfferedError extends Error {}

export interface Verdict {
  readonly rule: string;
  readonly outcome: 'kept' | 'broken' | 'not offered';
  /** What was seen, of a broken rule. */
  readonly trace?: string;
}

interface Case {
  readonly rule: string;
  readonly body: () => Promise<void>;
}

const DEADLINE = 60_000;
/** Cases that differ in the key alone are one rule. */
const KEY_IN_TITLE = /^keeps the key .* as plain data$/;
const KEY_RULE = 'keeps any key as plain data';
const MAX_TRACE = 120;
const MAX_KEYS = 3;

/** Runs each case of the contract on stores of this kind, one after another. */
export async function verdictsOn(factory: StorageHarnessFactory): Promise<Verdict[]> {
  const verdicts = new Map<string, Verdict>();
  for (const { rule, body } of casesOf(factory)) {
    const verdict = { rule, ...(await judge(body)) };
    const former = verdicts.get(rule);
    if (!former || former.outcome === 'kept') verdicts.set(rule, verdict);
  }
  return [...verdicts.values()];
}

function casesOf(factory: StorageHarnessFactory): Case[] {
  const cases: Case[] = [];
  const runner: TestRunner = {
    describe: (_name, body) => body(),
    it: (title, body) => cases.push({ rule: KEY_IN_TITLE.test(title) ? KEY_RULE : title, body }),
  };
  sessionStoreContract('', factory, runner);
  return cases;
}

async function judge(body: () => Promise<void>): Promise<Omit<Verdict, 'rule'>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE / 1000} s`)), DEADLINE);
  });
  try {
    await Promise.race([body(), late]);
    return { outcome: 'kept' };
  } catch (error) {
    if (error instanceof NotOfferedError) return { outcome: 'not offered' };
    return { outcome: 'broken', trace: traceOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

function traceOf(error: unknown): string {
  if (!(error instanceof AssertionError)) return shortened(error instanceof Error ? error.message : String(error));
  const [expected, actual] = differing(error.expected, error.actual);
  const show = (value: unknown) => shortened(inspect(value, { depth: 2, breakLength: Infinity, maxArrayLength: 5 }));
  return `expected ${show(expected)}, got ${show(actual)}`;
}

/** Of two objects the first few keys in which they differ. */
function differing(expected: unknown, actual: unknown): [unknown, unknown] {
  if (!isPlain(expected) || !isPlain(actual)) return [expected, actual];
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  const others = keys.filter((key) => !isDeepStrictEqual(expected[key], actual[key])).slice(0, MAX_KEYS);
  const pick = (from: Record<string, unknown>) =>
    Object.fromEntries(others.flatMap((key) => (key in from ? [[key, from[key]]] : [])));
  return [pick(expected), pick(actual)];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_TRACE ? line : `${line.slice(0, MAX_TRACE)} …`;
}
