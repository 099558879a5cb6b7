import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyDataChanges, type DataChanges } from 'nest-gatehouse/session/storage';
import type { Session } from 'nest-gatehouse/session';
import { STORAGES } from '../../support/apps/storages.js';
import { type Instances, openInstances } from '../schedules/instances.js';

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
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  fc.string({ maxLength: 3 }).filter((name) => name !== 'id'),
);
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

describe('What a handler has changed', () => {
  let instances: Instances;

  beforeAll(async () => {
    instances = await openInstances(STORAGES.find(({ isShared }) => !isShared)!);
  });
  afterAll(() => instances.close());

  it('is saved, and nothing else, whatever somebody else has saved meanwhile', async () => {
    const { sessions, send } = instances.all[0]!;
    await fc.assert(
      fc.asyncProperty(data, data, fc.boolean(), async (before, other, adds) => {
        const { token, session } = await sessions.createForUser('ann');
        const values = adds ? { ...before, ...other } : other;
        await send(token, (one) => replace(one, before));
        await send(token, async (one) => {
          await send(token, (another) => Promise.resolve(void Object.assign(another, { mark: 1 })));
          await replace(one, values);
        });
        const saved = (await sessions.read(session.handle))!.data;
        expect(sorted(saved)).toEqual(sorted({ ...values, mark: 1 }));
      }),
      { numRuns: 300 },
    );
  });

  it('is refused where JSON cannot hold it', async () => {
    const { sessions, send } = instances.all[0]!;
    const { token, session } = await sessions.createForUser('ann');
    await send(token, (one) => replace(one, { a: 1 }));
    for (const value of [{ c: () => 1 }, new Map()]) {
      expect((await send(token, (one) => replace(one, { a: 1, b: value }))).status).toBe(500);
      expect((await sessions.read(session.handle))!.data).toEqual({ a: 1 });
    }
  });
});

async function replace(session: Session, values: Data): Promise<void> {
  const object = session as unknown as Data;
  for (const name of Object.keys(object)) delete object[name];
  for (const name of Object.keys(values)) object[name] = values[name];
  return Promise.resolve();
}
