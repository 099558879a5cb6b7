import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { checkModels, faultsOf, missingTools } from './run.mjs';

const missing = await missingTools();
if (missing && process.env['CI']) throw new Error(`The models cannot be checked: ${missing}.`);

const describeWithSpin = missing ? describe.skip : describe;

describeWithSpin(`The models of docs/proof.md${missing ? ` (${missing})` : ''}`, () => {
  it('hold in all states, and break with each of their rules', async () => {
    const checked = await checkModels();
    expect(faultsOf(checked)).toEqual([]);
    const page = readFileSync(new URL('../../docs/proof.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| `(\w+)` \| (?:`(\w+)`)? ?\| (.+) \|$/gm)].map(([, ...cells]) => cells);
    expect(listed).toEqual(checked.map(({ model, name, breaks }) => [model, name ?? undefined, breaks]));
  });
});
