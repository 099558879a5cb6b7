import { availableParallelism } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { HashFlow } from 'nest-gatehouse/auth';
import { FLOODS, HashDesk } from './support/hash-desk.js';

const ALICE: HashFlow = { network: '198.51.100.7', username: 'alice', isKnown: false };
/** In the block of the floods. */
const NEIGHBOUR: HashFlow = { network: '2001:db8:ffff:ffff::/64', username: 'nick', isKnown: false };
const AT_HOME: HashFlow = { network: '203.0.113.1', username: 'harriet@home', isKnown: true };

const kind = fc.constantFrom(...Object.keys(FLOODS));
const wave = fc.record({ kind, size: fc.integer({ min: 1, max: 60 }) });
const waves = fc.array(wave, { minLength: 1, maxLength: 6 });
const widths = fc.integer({ min: 1, max: Math.min(2, availableParallelism()) });

function flood(desk: HashDesk, { kind, size }: { kind: string; size: number }): void {
  for (let n = 0; n < size; n++) desk.ask('flood', FLOODS[kind]!());
}

describe('HashQueue', () => {
  it('runs everything once or refuses it, never more than its width at once', async () => {
    const step = fc.oneof(wave, fc.constant('turn' as const));
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      widths,
      fc.integer({ min: 1, max: 80 }),
      async (steps, width, hashQueue) => {
        const desk = new HashDesk({ width, hashQueue });
        let asked = 0;
        for (const next of steps) {
          if (next === 'turn') await desk.turn();
          else for (let n = 0; n < next.size; n++) desk.ask(String(asked++), FLOODS[next.kind]!());
        }
        await desk.drain();
        expect(desk.mostAtOnce).toBeLessThanOrEqual(width);
        expect(desk.queue.length).toBe(0);
        const settled = [...desk.done, ...desk.refused].map(Number).sort((a, b) => a - b);
        expect(settled).toEqual(Array.from({ length: asked }, (_, n) => n));
        expect([...desk.started].sort()).toEqual([...desk.done].sort());
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it('serves one who is alone within 18 turns, whatever floods there are and go on', async () => {
    const property = fc.asyncProperty(waves, widths, async (before, width) => {
      const desk = new HashDesk({ width, hashQueue: 200 });
      for (const one of before) flood(desk, one);
      desk.ask('alice', ALICE);
      const goesOn = () => before.forEach(({ kind }) => flood(desk, { kind, size: 2 }));
      // Known users and strangers, three families, and three blocks of IPv4: that of the network, wherever Mallory is, and her own.
      expect(await desk.turnsUntil('alice', 1_000, goesOn)).toBeLessThanOrEqual(2 * 3 * 3);
      await desk.drain();
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it.each(Object.keys(FLOODS))('serves strangers and users at home soon during a flood by %s', async (kind) => {
    const desk = new HashDesk();
    flood(desk, { kind, size: 200 });
    await desk.turn();
    desk.ask('alice', ALICE);
    desk.ask('harriet', AT_HOME);
    const goesOn = () => flood(desk, { kind, size: 3 });
    expect(await desk.turnsUntil('harriet', 100, goesOn)).toBeLessThanOrEqual(3);
    expect(await desk.turnsUntil('alice', 100, goesOn)).toBeLessThanOrEqual(3);
    await desk.drain();
  });

  it('serves a neighbour in the block of a flood', async () => {
    const desk = new HashDesk();
    flood(desk, { kind: 'rotating IPv6 /64s of a /48', size: 200 });
    desk.ask('nick', NEIGHBOUR);
    expect(await desk.turnsUntil('nick', 100)).toBeLessThanOrEqual(2);
    await desk.drain();
  });

  it('gives known users and strangers every other turn while both wait', async () => {
    const desk = new HashDesk();
    const flows = (isKnown: boolean) => (n: number) => ({ network: `192.0.2.${n}`, username: `user${n}`, isKnown });
    for (let n = 0; n < 20; n++) desk.ask('stranger', flows(false)(n));
    for (let n = 0; n < 10; n++) desk.ask('known', flows(true)(n));
    await desk.drain();
    const [, ...turns] = desk.started;
    expect(turns.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, n) => (n % 2 ? 'stranger' : 'known')));
    expect(turns.slice(20)).toEqual(Array.from({ length: 9 }, () => 'stranger'));
  });

  it('goes round networks and usernames, each in the order of arrival', async () => {
    const desk = new HashDesk();
    desk.ask('running');
    for (const name of ['a1', 'a2', 'a3']) desk.ask(name, { network: '192.0.2.1', username: name, isKnown: false });
    for (const name of ['b1', 'b2']) desk.ask(name, { network: '192.0.2.2', username: name, isKnown: false });
    for (const [n, name] of ['c1', 'c2'].entries())
      desk.ask(name, { network: `192.0.2.${3 + n}`, username: 'c', isKnown: false });
    await desk.drain();
    expect(desk.started).toEqual(['running', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3']);
  });

  it('lets one network or one username wait with a quarter of the places, and answers the rest at once', async () => {
    for (const kind of ['one network, many usernames', 'one username everywhere', 'a user at home', 'one of these']) {
      const desk = new HashDesk({ hashQueue: 40 });
      flood(desk, { kind, size: 60 });
      await new Promise(setImmediate);
      expect([kind, desk.queue.length, desk.refused.length]).toEqual([kind, 10, 49]);
      await desk.drain();
    }
  });

  it('has room for a newcomer where it is full, at the cost of the newest of those who ask for most', async () => {
    const desk = new HashDesk({ hashQueue: 40 });
    desk.ask('running');
    const attack = (n: number): HashFlow => ({ network: `2001:db8:1:${n}::/64`, username: `user${n}`, isKnown: false });
    for (let n = 0; n < 50; n++) desk.ask(`attack ${n}`, attack(n));
    await new Promise(setImmediate);
    expect(desk.refused).toEqual(Array.from({ length: 10 }, (_, n) => `attack ${40 + n}`));
    desk.ask('alice', ALICE);
    desk.ask('nick', NEIGHBOUR);
    desk.ask('harriet', AT_HOME);
    await new Promise(setImmediate);
    expect(desk.refused.slice(10)).toEqual(['attack 39', 'attack 38']);
    await desk.drain();
    expect(desk.done).toEqual(expect.arrayContaining(['alice', 'nick', 'harriet', 'attack 0', 'attack 37']));
  });

  it('forgets who has waited for too long, and refuses them as busy', async () => {
    const desk = new HashDesk({ hashWait: 1 });
    desk.ask('running');
    flood(desk, { kind: 'one username at one network', size: 3 });
    while (desk.refused.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(desk.refused).toEqual(['flood', 'flood', 'flood']);
    expect(desk.queue.length).toBe(0);
    await desk.drain();
    desk.ask('alice', ALICE);
    await desk.drain();
    expect(desk.done).toEqual(['running', 'alice']);
  });
});
