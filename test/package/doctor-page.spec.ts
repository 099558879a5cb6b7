import { describe, expect, it } from '@jest/globals';
import { DOCTOR_REMEDIES } from 'nest-gatehouse/session/doctor';
import { OUTSIDE_REMEDIES } from '../../src/cli/doctor/outside-remedies.js';
import { readText } from './source-files.js';

const page = readText('docs/doctor.md');

function codesBetween(name: string): string[] {
  const [, table = ''] = page.split(new RegExp(`<!-- (?:end of )?${name} -->`));
  return [...table.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code!);
}

describe('docs/doctor.md', () => {
  it.each([
    ['codes', DOCTOR_REMEDIES],
    ['outside', OUTSIDE_REMEDIES],
  ])('has every code of the table of %s, in their order', (name, remedies) => {
    expect(codesBetween(name)).toEqual(Object.keys(remedies));
  });
});
