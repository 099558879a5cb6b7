import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyDataChanges, type DataChanges } from 'nest-gatehouse/session/storage';
import { draftOf } from '../../../libs/session/src/data/values.js';

type Data = Record<string, unknown>;

const NASTY = [
  'a',
  'b',
  'a"',
  '"a',
  '":',
  'a:',
  '\\',
  '\\"',
  '1',
  '01',
  '-1',
  '',
  ' ',
  '__proto__',
  'é',
  '\ud800',
  '}',
  '{',
  ',',
];
const key = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NASTY) }, fc.string({ maxLength: 3 }));
const value = fc.oneof(
  fc.constantFrom<unknown>(0, 1.5, null, true, '', 'a', '"a":', [], {}, { a: 1 }, { __proto__: null, b: ['}'] }),
  fc.jsonValue({ maxDepth: 2 }),
);
/** With own properties only, `__proto__` too, as JSON has them. */
const data = fc
  .array(fc.tuple(key, value), { maxLength: 6 })
  .map((entries) => parsed(JSON.stringify(Object.fromEntries(entries))));

function parsed(text: string): Data {
  return JSON.parse(text) as Data;
}

function sorted(values: Data): [string, string][] {
  return Object.keys(values)
    .sort()
    .map((name) => [name, JSON.stringify(values[name])]);
}

/** What the three kinds of changes mean, one key after the other. */
function changed(before: Data, { set, unset }: DataChanges): Map<string, string> {
  const after = new Map(sorted(before));
  set?.forEach((text, name) => after.set(name, JSON.stringify(JSON.parse(text))));
  unset?.forEach((name) => after.delete(name));
  return after;
}

it('changes of single keys come to what they say, whatever names and values are', () => {
  const changes = fc.record({
    set: fc
      .array(
        fc.tuple(
          key,
          value.map((one) => JSON.stringify(one)),
        ),
        { maxLength: 4 },
      )
      .map((entries) => new Map(entries)),
    unset: fc.array(key, { maxLength: 1 }).map((keys) => new Set(keys)),
  });
  // Stores of other people may write their texts in their own way.
  const write = fc.constantFrom<(values: Data) => string>(
    (values) => JSON.stringify(values),
    (values) => JSON.stringify(values, null, 1),
    (values) => `${JSON.stringify(values)} `,
    (values) => (Object.keys(values).length === 0 ? '{ }' : JSON.stringify(values)),
  );
  fc.assert(
    fc.property(data, changes, write, (before, asked, written) => {
      const outcome = applyDataChanges(written(before), asked);
      const expected = [...changed(before, asked)].sort(([a], [b]) => (a < b ? -1 : 1));
      if (outcome.status === 'unchanged') expect(asked.set.size + asked.unset.size).toBe(0);
      else expect(outcome.status === 'changed' && sorted(parsed(outcome.data))).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

it('what a handler has changed is found, and nothing else', () => {
  fc.assert(
    fc.property(data, data, fc.boolean(), (before, other, adds) => {
      const values = adds ? parsed(JSON.stringify({ ...before, ...other })) : other;
      const draft = draftOf(JSON.stringify(before), values);
      const after = new Map(sorted(values));
      const former = new Map(sorted(before));
      const set = [...after].filter(([name, text]) => former.get(name) !== text);
      const unset = [...former.keys()].filter((name) => !after.has(name));
      if (!draft) {
        expect([...set, ...unset]).toEqual([]);
        return;
      }
      expect([...draft.changes.set!].sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(set);
      expect([...draft.changes.unset!].sort()).toEqual(unset);
      expect(draft.text).toBe(JSON.stringify(values));
    }),
    { numRuns: 1_000 },
  );
});

it('of a value that was added JSON must be able to hold all', () => {
  expect(() => draftOf('{"a":1}', { a: 1, b: { c: () => 1 } })).toThrow(/"b"|b/);
  expect(() => draftOf('{}', { b: new Map() })).toThrow(/b/);
});
