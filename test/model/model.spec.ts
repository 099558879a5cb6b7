import { describe, expect, it } from '@jest/globals';
import { checkModels, faultsOf, missingTools, tableOf } from './run.mjs';

const missing = await missingTools();
if (missing && process.env['CI']) throw new Error(`The models cannot be checked: ${missing}.`);

const describeWithSpin = missing ? describe.skip : describe;

describeWithSpin(`The models of docs/proof.md${missing ? ` (${missing})` : ''}`, () => {
  it('hold in all states, and break with each of their rules', async () => {
    const checked = await checkModels();
    expect(faultsOf(checked)).toEqual([]);
    // Each model, and at least 30 of their rules.
    expect(checked.filter(({ name }) => name === null).length).toBeGreaterThanOrEqual(6);
    expect(checked.length).toBeGreaterThanOrEqual(36);
    expect(tableOf(checked).split('\n')).toHaveLength(checked.length + 1);
  });
});
