import fc from 'fast-check';
import { HOUR, MINUTE, SECOND } from '../../support/apps/fake-clock.js';

/** What one actor does next. A session, or a secret of it, that is not there yet stands for the last one. */
export type Deed =
  | { readonly deed: 'visit'; readonly session: number; readonly secret: number; readonly does: Visit }
  | { readonly deed: 'end'; readonly session: number }
  | { readonly deed: 'sign in' | 'end all' | 'sweep' }
  | { readonly deed: 'wait'; readonly milliseconds: number };

/** What a request does with the session that it has opened. */
export type Visit = 'look' | 'put a' | 'put b' | 'add' | 'rotate' | 'leave' | 'put c under lock';

export type Program = readonly (readonly Deed[])[];

/** A little longer than what they let pass: the grace, a lease, more than half of the idle time, all of it, and everything. */
export const PASSES = {
  grace: 11 * SECOND,
  lease: 31 * SECOND,
  half: 20 * MINUTE,
  idle: 31 * MINUTE,
  absolute: 13 * HOUR,
};

// What is found only where two of a kind meet is there twice.
const VISITS: readonly Visit[] = [
  'look',
  'put a',
  'put b',
  'add',
  'rotate',
  'leave',
  'put c under lock',
  'put c under lock',
];
const OTHERS: readonly Deed[] = [
  { deed: 'end', session: 0 },
  { deed: 'sign in' },
  { deed: 'end all' },
  { deed: 'sweep' },
  { deed: 'sweep' },
  { deed: 'wait', milliseconds: PASSES.grace },
  { deed: 'wait', milliseconds: PASSES.lease },
  { deed: 'wait', milliseconds: PASSES.lease },
  { deed: 'wait', milliseconds: PASSES.half },
  { deed: 'wait', milliseconds: PASSES.half },
  { deed: 'wait', milliseconds: PASSES.idle },
];
const KINDS = [...VISITS, ...OTHERS];

/** A kind by its place in the few that a program is made of, and for visits the session and the secret. */
const choice = fc.record({
  kind: fc.nat(KINDS.length - 1),
  session: fc.constantFrom(0, 0, 0, 1, 2),
  secret: fc.constantFrom(9, 9, 0, 1),
});

/**
 * Two to four actors with up to five deeds each. A program has few kinds of deeds, so that rare ones meet each other as
 * often as frequent ones.
 */
export const programs: fc.Arbitrary<Program> = fc
  .tuple(
    fc.shuffledSubarray(KINDS, { minLength: 2, maxLength: 5 }),
    fc.array(fc.array(choice, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 4 }),
  )
  .map(([kinds, actors]) =>
    actors.map((choices) =>
      choices.map(({ kind, session, secret }): Deed => {
        const does = kinds[kind % kinds.length]!;
        return typeof does === 'string' ? { deed: 'visit', session, secret, does } : does;
      }),
    ),
  );
